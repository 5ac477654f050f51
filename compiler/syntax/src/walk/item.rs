//! Children of items and of what they are made of.

use super::Node;
use crate::ast::{
    Effect, ExternFn, Field, Flow, FlowHeader, Fn, FnBody, Item, ItemKind, Limit, Migration, Name, Param,
    Property, Serial, State, Tool, TriggerArg, TriggerArgValue, TriggerDecl, TriggerRef, TypeBody, TypeDecl,
    TypeExpr, TypeExprKind, Variant,
};

type Each<'e, 'a> = &'e mut dyn FnMut(Node<'a>);

pub(super) fn item<'a>(item: &'a Item, each: Each<'_, 'a>) {
    item.name.iter().for_each(|name| each(Node::Name(name)));
    match &item.kind {
        ItemKind::Use(used) => {
            each(Node::Path(&used.path));
            used.alias.iter().for_each(|alias| each(Node::Name(alias)));
        }
        ItemKind::Channel(channel) => each(Node::Name(&channel.kind)),
        ItemKind::Room(room) => each(Node::Name(&room.kind)),
        ItemKind::Connection(connection) => each(Node::Name(&connection.kind)),
        ItemKind::Setting(setting) => {
            each(Node::Type(&setting.ty));
            setting.default.iter().for_each(|default| each(Node::Expr(default)));
        }
        ItemKind::Type(decl) => type_decl(decl, each),
        ItemKind::Const(constant) => {
            constant.ty.iter().for_each(|ty| each(Node::Type(ty)));
            each(Node::Expr(&constant.value));
        }
        ItemKind::Fn(function) => function_of(function, each),
        ItemKind::State(state) => state_of(state, each),
        ItemKind::Agent(agent) => agent.properties.iter().for_each(|p| each(Node::Property(p))),
        ItemKind::Tool(tool) => tool_of(tool, each),
        ItemKind::Flow(flow) => flow_of(flow, each),
        ItemKind::Test(test) => each(Node::Block(&test.body)),
        ItemKind::Effect(effect) => effect_of(effect, each),
        ItemKind::Trigger(trigger) => trigger_decl(trigger, each),
        ItemKind::ChannelKind(kind) => kind.lines.iter().for_each(|line| each(Node::KindLine(line))),
        ItemKind::Tag(tag) => {
            each(Node::Type(&tag.result));
            tag.by.iter().for_each(|by| each(Node::Name(by)));
        }
        ItemKind::ExternFn(function) => extern_fn(function, each),
        ItemKind::Group(_) | ItemKind::Error => {}
    }
}

fn names<'a>(names: &'a [Name], each: Each<'_, 'a>) {
    names.iter().for_each(|name| each(Node::Name(name)));
}

fn signature<'a>(types: &'a [Name], params: &'a [Param], result: Option<&'a TypeExpr>, each: Each<'_, 'a>) {
    names(types, each);
    params.iter().for_each(|param| each(Node::Param(param)));
    result.into_iter().for_each(|ty| each(Node::Type(ty)));
}

fn type_decl<'a>(decl: &'a TypeDecl, each: Each<'_, 'a>) {
    names(&decl.params, each);
    match &decl.body {
        TypeBody::Record(fields) => fields.iter().for_each(|field| each(Node::Field(field))),
        TypeBody::Union(tags) => tags.iter().for_each(|tag| each(Node::Variant(tag))),
    }
}

fn function_of<'a>(function: &'a Fn, each: Each<'_, 'a>) {
    signature(&function.type_params, &function.params, function.result.as_ref(), each);
    match &function.body {
        FnBody::Expr(expr) => each(Node::Expr(expr)),
        FnBody::Block(block) => each(Node::Block(block)),
    }
}

fn extern_fn<'a>(function: &'a ExternFn, each: Each<'_, 'a>) {
    signature(&function.type_params, &function.params, Some(&function.result), each);
}

fn effect_of<'a>(effect: &'a Effect, each: Each<'_, 'a>) {
    effect.on.iter().for_each(|on| each(Node::Path(on)));
    signature(&effect.type_params, &effect.params, effect.result.as_ref(), each);
    effect.clauses.iter().for_each(|clause| each(Node::Clause(clause)));
}

fn trigger_decl<'a>(trigger: &'a TriggerDecl, each: Each<'_, 'a>) {
    trigger.on.iter().for_each(|on| each(Node::Name(on)));
    trigger.params.iter().for_each(|param| each(Node::Param(param)));
    trigger.fields.iter().for_each(|field| each(Node::Field(field)));
    names(&trigger.requires, each);
}

fn state_of<'a>(state: &'a State, each: Each<'_, 'a>) {
    each(Node::Type(&state.ty));
    each(Node::Expr(&state.init));
    state.keys.iter().for_each(|key| each(Node::Expr(key)));
    state.key_type.iter().for_each(|ty| each(Node::Type(ty)));
    state.keep.iter().for_each(|keep| each(Node::Expr(&keep.duration)));
    state.migrations.iter().for_each(|migration| each(Node::Migration(migration)));
}

fn tool_of<'a>(tool: &'a Tool, each: Each<'_, 'a>) {
    signature(&[], &tool.params, tool.result.as_ref(), each);
    tool.timeout.iter().for_each(|timeout| each(Node::Expr(timeout)));
    each(Node::Block(&tool.body));
    if let Some((error, block)) = &tool.on_failure {
        error.iter().for_each(|error| each(Node::Name(error)));
        each(Node::Block(block));
    }
    tool.on_cancel.iter().for_each(|block| each(Node::Block(block)));
}

fn flow_of<'a>(flow: &'a Flow, each: Each<'_, 'a>) {
    signature(&[], flow.params.as_deref().unwrap_or_default(), flow.result.as_ref(), each);
    header(&flow.header, each);
    each(Node::Block(&flow.body));
    if let Some((error, block)) = &flow.on_failure {
        error.iter().for_each(|error| each(Node::Name(error)));
        each(Node::Block(block));
    }
    flow.on_cancel.iter().for_each(|block| each(Node::Block(block)));
}

fn header<'a>(header: &'a FlowHeader, each: Each<'_, 'a>) {
    header.triggers.iter().for_each(|trigger| each(Node::Trigger(trigger)));
    header.guard.iter().for_each(|guard| each(Node::Expr(guard)));
    header.limits.iter().for_each(|limit| each(Node::Limit(limit)));
    if let Some(debounce) = &header.debounce {
        each(Node::Expr(&debounce.duration));
        debounce.by.iter().for_each(|key| each(Node::Expr(key)));
    }
    if let Some(dedupe) = &header.dedupe {
        each(Node::Expr(&dedupe.key));
        each(Node::Expr(&dedupe.duration));
    }
    header.serial.iter().for_each(|serial| each(Node::Serial(serial)));
    header.timeout.iter().for_each(|timeout| each(Node::Expr(timeout)));
    header.priority.iter().for_each(|priority| each(Node::Expr(priority)));
    header.cancellable.iter().for_each(|word| each(Node::Expr(word)));
}

pub(super) fn ty<'a>(ty: &'a TypeExpr, each: Each<'_, 'a>) {
    match &ty.kind {
        TypeExprKind::Named { path, args } => {
            each(Node::Path(path));
            args.iter().for_each(|arg| each(Node::Type(arg)));
        }
        TypeExprKind::Optional(inner) => each(Node::Type(inner)),
        TypeExprKind::Fn { params, result } => {
            params.iter().for_each(|param| each(Node::Type(param)));
            each(Node::Type(result));
        }
        TypeExprKind::Error => {}
    }
}

pub(super) fn field<'a>(field: &'a Field, each: Each<'_, 'a>) {
    each(Node::Name(&field.name));
    each(Node::Type(&field.ty));
    field.default.iter().for_each(|default| each(Node::Expr(default)));
}

pub(super) fn variant<'a>(variant: &'a Variant, each: Each<'_, 'a>) {
    each(Node::Name(&variant.name));
    variant.fields.iter().for_each(|field| each(Node::Field(field)));
}

pub(super) fn param<'a>(param: &'a Param, each: Each<'_, 'a>) {
    each(Node::Name(&param.name));
    each(Node::Type(&param.ty));
    param.default.iter().for_each(|default| each(Node::Expr(default)));
}

pub(super) fn property<'a>(property: &'a Property, each: Each<'_, 'a>) {
    match property {
        Property::Value(name, value) => {
            each(Node::Name(name));
            each(Node::Expr(value));
        }
        Property::Approve(name, pairs) => {
            each(Node::Name(name));
            for (tool, group) in pairs {
                each(Node::Path(tool));
                each(Node::Expr(group));
            }
        }
        Property::Budget(name, budgets) => {
            each(Node::Name(name));
            for (amount, unit, window, keys) in budgets {
                each(Node::Expr(amount));
                unit.iter().for_each(|unit| each(Node::Name(unit)));
                each(Node::Expr(window));
                keys.iter().for_each(|key| each(Node::Expr(key)));
            }
        }
        Property::Error(_) => {}
    }
}

pub(super) fn migration<'a>(migration: &'a Migration, each: Each<'_, 'a>) {
    each(Node::Name(&migration.name));
    each(Node::Type(&migration.ty));
    each(Node::Expr(&migration.value));
}

pub(super) fn trigger<'a>(trigger: &'a TriggerRef, each: Each<'_, 'a>) {
    each(Node::Path(&trigger.path));
    trigger.args.iter().flatten().for_each(|arg| each(Node::TriggerArg(arg)));
}

pub(super) fn trigger_arg<'a>(arg: &'a TriggerArg, each: Each<'_, 'a>) {
    arg.name.iter().for_each(|name| each(Node::Name(name)));
    match &arg.value {
        TriggerArgValue::Expr(expr) => each(Node::Expr(expr)),
        TriggerArgValue::Type(ty) => each(Node::Type(ty)),
    }
}

pub(super) fn limit<'a>(limit: &'a Limit, each: Each<'_, 'a>) {
    each(Node::Expr(&limit.count));
    limit.per.iter().for_each(|per| each(Node::Expr(per)));
    limit.by.iter().for_each(|key| each(Node::Expr(key)));
    limit.otherwise.iter().for_each(|block| each(Node::Block(block)));
}

pub(super) fn serial<'a>(serial: &'a Serial, each: Each<'_, 'a>) {
    serial.lane.iter().for_each(|lane| each(Node::Name(lane)));
    serial.by.iter().for_each(|key| each(Node::Expr(key)));
}
