//! What of an item others can see: as long as that stays, what is said about others stays.

use carapace_diagnostic::TextRange;
use carapace_syntax::ast::{Flow, FnBody, Item, ItemKind, Param, Tool, TypeExpr};
use std::hash::{Hash, Hasher};

/// Hashes what others see of an item. `text` begins with the item's first byte.
///
/// Of what has a body that is its name and how it is called; of a constant, a type or a state all of it. Where in the item
/// something stands counts from its name, so that words above an item change nothing.
pub fn hash_interface(item: &Item, text: &str, state: &mut impl Hasher) {
    std::mem::discriminant(&item.kind).hash(state);
    let start = item.name.as_ref().map_or(item.range.start, |name| name.range.start);
    let upto = |end: u32| text.get(start as usize..end as usize).unwrap_or_default();
    match &item.kind {
        ItemKind::Test(test) => test.title.hash(state),
        ItemKind::Agent(_) => item.name.as_ref().map(|name| &name.text).hash(state),
        ItemKind::Fn(decl) => match &decl.body {
            FnBody::Expr(body) => upto(body.range.start).hash(state),
            FnBody::Block(body) => upto(body.range.start).hash(state),
        },
        ItemKind::Tool(tool) => upto(end_of_tool(item, tool)).hash(state),
        ItemKind::Flow(flow) => {
            upto(end_of_flow(item, flow)).hash(state);
            flow.header.filter.is_some().hash(state);
        }
        ItemKind::Type(decl) => {
            decl.external.hash(state);
            upto(item.range.end).hash(state);
        }
        ItemKind::Use(_)
        | ItemKind::Channel(_)
        | ItemKind::Room(_)
        | ItemKind::Group(_)
        | ItemKind::Connection(_)
        | ItemKind::Setting(_)
        | ItemKind::Const(_)
        | ItemKind::State(_)
        | ItemKind::Effect(_)
        | ItemKind::Trigger(_)
        | ItemKind::ChannelKind(_)
        | ItemKind::Tag(_)
        | ItemKind::ExternFn(_)
        | ItemKind::Error => upto(item.range.end).hash(state),
    }
}

/// Whether others see it without a `use` of its module.
pub fn is_seen_everywhere(item: &Item) -> bool {
    matches!(
        item.kind,
        ItemKind::Effect(_) | ItemKind::Trigger(_) | ItemKind::ChannelKind(_) | ItemKind::Tag(_)
    )
}

fn end_of_tool(item: &Item, tool: &Tool) -> u32 {
    end(item, &tool.params, tool.result.as_ref())
}

fn end_of_flow(item: &Item, flow: &Flow) -> u32 {
    let params = flow.params.as_deref().unwrap_or_default();
    let triggers = flow.header.triggers.iter().map(|trigger| trigger.range.end);
    triggers.fold(end(item, params, flow.result.as_ref()), u32::max)
}

/// Where the words end that say how it is called.
fn end(item: &Item, params: &[Param], result: Option<&TypeExpr>) -> u32 {
    let name = item.name.as_ref().map(|name| name.range);
    let parts = params.iter().flat_map(|param| {
        let default = param.default.as_ref().map(|default| default.range);
        [Some(param.name.range), Some(param.ty.range), default]
    });
    let ranges = parts.chain([name, result.map(|ty| ty.range)]).flatten();
    ranges.fold(0, |end: u32, range: TextRange| end.max(range.end))
}
