//! The pure forms of an expression.

use super::arith;
use super::context::{Callable, Eval, Machine, Place};
use super::data::{as_bool, as_int, as_text, items, list, record, same, tag};
use super::exit::{Exit, Fault, broken};
use super::pattern::tag_of;
use super::stmt::key_text;
use super::text;
use carapace_check::tree::{Expr, ExprKind, FunctionRef, NativeId};
use carapace_module::Value;
use std::rc::Rc;

/// How long a list may become before the test gives up.
const LONGEST: i64 = 100_000;

impl<'p> Machine<'p> {
    /// The value of an expression.
    pub(super) fn expr<'a>(self: &'a Rc<Self>, at: &'a Place<'p>, expr: &'p Expr) -> Eval<'a> {
        Box::pin(async move {
            self.step()?;
            match &expr.kind {
                ExprKind::Const(value) => Ok(value.clone()),
                ExprKind::Local(local) => at.get(*local),
                ExprKind::Slot(name) => Ok(super::data::text(name)),
                ExprKind::Text(parts) => self.interpolated(at, parts).await,
                ExprKind::Template(native, parts) => self.template(at, *native, parts).await,
                ExprKind::List(all) => Ok(list(self.all(at, all).await?)),
                ExprKind::Map(entries) => self.map(at, entries).await,
                ExprKind::Range(first, last) => {
                    let first = as_int(&self.expr(at, first).await?)?;
                    let last = as_int(&self.expr(at, last).await?)?;
                    if last.saturating_sub(first) > LONGEST {
                        return Err(Fault::Fuel.into());
                    }
                    Ok(list((first..=last).map(Value::Int).collect()))
                }
                ExprKind::Record(slots, order) => self.record(at, slots, order).await,
                ExprKind::Tag(number, fields) => Ok(tag(*number, self.all(at, fields).await?)),
                ExprKind::If(condition, yes, no) => {
                    if self.truth(at, condition).await? {
                        self.block(at, yes).await
                    } else if let Some(no) = no {
                        self.block(at, no).await
                    } else {
                        Ok(Value::None)
                    }
                }
                ExprKind::Match(subject, arms) => self.matching(at, subject, arms).await,
                ExprKind::Block(block) => self.block(at, block).await,
                ExprKind::Call(function, args) => {
                    let args = self.all(at, args).await?;
                    self.call(at, *function, args).await
                }
                ExprKind::CallNative(native, args) => {
                    let args = self.all(at, args).await?;
                    self.native(at, *native, args).await
                }
                ExprKind::CallClosure(function, args) => {
                    let function = self.expr(at, function).await?;
                    let args = self.all(at, args).await?;
                    self.apply(at, &function, args).await
                }
                ExprKind::Lambda(lambda) => {
                    let captured =
                        lambda.captures.iter().map(|local| at.get(*local)).collect::<Result<_, _>>()?;
                    self.closure(Callable::Lambda(lambda, at.locals), captured)
                }
                ExprKind::FunctionValue(function) => self.closure(Callable::Function(*function), Vec::new()),
                ExprKind::Fail(_) | ExprKind::Cancel(_) | ExprKind::Return(_) => self.leave(at, expr).await,
                ExprKind::Break => Err(Exit::Break),
                ExprKind::Continue => Err(Exit::Continue),
                ExprKind::Error => Err(broken("a program with a mistake")),
                ExprKind::Setting(_)
                | ExprKind::StateGet(..)
                | ExprKind::Now
                | ExprKind::Random
                | ExprKind::ThisRun => self.outside(at, expr).await,
                ExprKind::Effect(_)
                | ExprKind::CallFlow(..)
                | ExprKind::Start(..)
                | ExprKind::Await(..)
                | ExprKind::ListenNext(..)
                | ExprKind::Parallel(..)
                | ExprKind::Race(..)
                | ExprKind::ForParallel { .. }
                | ExprKind::Do(..) => self.waiting(at, expr).await,
                _ => self.operation(at, expr).await,
            }
        })
    }

    /// Operators and conditions.
    fn operation<'a>(self: &'a Rc<Self>, at: &'a Place<'p>, expr: &'p Expr) -> Eval<'a> {
        Box::pin(async move {
            match &expr.kind {
                ExprKind::Neg(inner) => arith::negate(&self.expr(at, inner).await?),
                ExprKind::Not(inner) => Ok(Value::Bool(!self.truth(at, inner).await?)),
                ExprKind::And(a, b) => Ok(Value::Bool(self.truth(at, a).await? && self.truth(at, b).await?)),
                ExprKind::Or(a, b) => Ok(Value::Bool(self.truth(at, a).await? || self.truth(at, b).await?)),
                ExprKind::Coalesce(a, b) => match self.expr(at, a).await? {
                    Value::None => self.expr(at, b).await,
                    value => Ok(value),
                },
                ExprKind::Arith(op, a, b) => {
                    let a = self.expr(at, a).await?;
                    arith::calculate(*op, &a, &self.expr(at, b).await?)
                }
                ExprKind::IntToNumber(inner) => {
                    Ok(Value::Number(arith::number(as_int(&self.expr(at, inner).await?)?)))
                }
                ExprKind::Narrow(inner) => self.expr(at, inner).await,
                ExprKind::Field(base, slot) => {
                    let base = self.expr(at, base).await?;
                    let slots = items(&base)?;
                    slots.get(*slot as usize).cloned().ok_or_else(|| broken("a record without that slot"))
                }
                ExprKind::OptionalChain { base, local, body } => match self.expr(at, base).await? {
                    Value::None => Ok(Value::None),
                    value => {
                        at.set(*local, value)?;
                        self.expr(at, body).await
                    }
                },
                ExprKind::ListIndex(base, index) => {
                    let base = self.expr(at, base).await?;
                    let index = as_int(&self.expr(at, index).await?)?;
                    let found = usize::try_from(index).ok().and_then(|i| items(&base).ok()?.get(i).cloned());
                    Ok(found.unwrap_or(Value::None))
                }
                ExprKind::MapIndex(base, key) => {
                    let base = self.expr(at, base).await?;
                    let key = self.expr(at, key).await?;
                    Ok(entry(&base, &key)?.unwrap_or(Value::None))
                }
                ExprKind::JsonIndex(base, key) => {
                    let base = self.expr(at, base).await?;
                    let key = self.expr(at, key).await?;
                    Ok(json_index(&base, &key))
                }
                ExprKind::TextToContent(inner) => {
                    let inner = self.expr(at, inner).await?;
                    Ok(record(vec![inner, list(Vec::new()), list(Vec::new())]))
                }
                _ => self.condition(at, expr).await.map(Value::Bool),
            }
        })
    }

    /// The conditions.
    async fn condition(self: &Rc<Self>, at: &Place<'p>, expr: &'p Expr) -> Result<bool, Exit> {
        match &expr.kind {
            ExprKind::Compare { op, left, right, ignoring_case } => {
                let left = self.expr(at, left).await?;
                arith::compare(*op, &left, &self.expr(at, right).await?, *ignoring_case)
            }
            ExprKind::TextTest { op, left, right, ignoring_case } => {
                let left = as_text(&self.expr(at, left).await?)?;
                let right = as_text(&self.expr(at, right).await?)?;
                Ok(text::test(*op, &left, &right, *ignoring_case))
            }
            ExprKind::In { item, list, ignoring_case } => {
                let item = self.expr(at, item).await?;
                let list = self.expr(at, list).await?;
                let folded = text::fold_if(&item, *ignoring_case);
                Ok(items(&list)?.iter().any(|other| same(&text::fold_if(other, *ignoring_case), &folded)))
            }
            ExprKind::HasKey(base, key) => {
                let base = self.expr(at, base).await?;
                let key = self.expr(at, key).await?;
                Ok(entry(&base, &key)?.is_some())
            }
            ExprKind::Matches { text: subject, regex, found, ignoring_case } => {
                let subject = as_text(&self.expr(at, subject).await?)?;
                let regex = as_text(&self.expr(at, regex).await?)?;
                let names = found.as_ref().map_or(&[][..], |(_, names)| names.as_slice());
                let captured = text::captures(&subject, &regex, names, *ignoring_case)?;
                if let (Some((local, _)), Some(captured)) = (found, &captured) {
                    at.set(*local, record(captured.clone()))?;
                }
                Ok(captured.is_some())
            }
            ExprKind::IsEmpty(inner) => match self.expr(at, inner).await? {
                Value::Text(text) => Ok(text.0.is_empty()),
                Value::Bytes(bytes) => Ok(bytes.is_empty()),
                Value::Map(map) => Ok(map.entries.is_empty()),
                other => Ok(items(&other)?.is_empty()),
            },
            ExprKind::IsNone(inner) => Ok(matches!(self.expr(at, inner).await?, Value::None)),
            ExprKind::IsTag(inner, number) => Ok(tag_of(&self.expr(at, inner).await?) == Some(*number)),
            other => Err(broken(format!("no meaning is known for {other:?}"))),
        }
    }

    /// What pure code reads of the outside.
    fn outside<'a>(self: &'a Rc<Self>, at: &'a Place<'p>, expr: &'p Expr) -> Eval<'a> {
        Box::pin(async move {
            match &expr.kind {
                ExprKind::Setting(id) => {
                    if let Some(value) = self.world.borrow().settings.get(id) {
                        return Ok(value.clone());
                    }
                    let setting = self.program.settings.get(id.0 as usize);
                    let default = setting.and_then(|s| s.default.as_ref());
                    let default = default.ok_or_else(|| broken("a setting without a value"))?;
                    self.expr(&at.enter(&[])?, default).await
                }
                ExprKind::StateGet(id, keys) => {
                    let keys = self.all(at, keys).await?;
                    if let Some(value) = self.world.borrow().states.get(&(*id, key_text(&keys))) {
                        return Ok(value.clone());
                    }
                    let state = self.program.states.get(id.0 as usize);
                    let state = state.ok_or_else(|| broken("no such state"))?;
                    self.expr(&at.enter(&[])?, &state.init).await
                }
                ExprKind::Now => Ok(Value::Time(self.world.borrow().now)),
                ExprKind::Random => {
                    let mut world = self.world.borrow_mut();
                    world.random += 1;
                    Ok(Value::Int(world.random))
                }
                _ => Ok(record(vec![super::data::text(at.run)])),
            }
        })
    }

    /// `return`, `fail`, `cancel`.
    fn leave<'a>(self: &'a Rc<Self>, at: &'a Place<'p>, expr: &'p Expr) -> Eval<'a> {
        Box::pin(async move {
            match &expr.kind {
                ExprKind::Fail(message) => {
                    let message = as_text(&self.expr(at, message).await?)?;
                    let kind = carapace_effect::FailureKind::Failed;
                    Err(Exit::Fail(carapace_effect::Failure::new(kind, &*message)))
                }
                ExprKind::Cancel(reason) => {
                    let reason = as_text(&self.expr(at, reason).await?)?;
                    Err(Exit::Cancel(reason.to_string()))
                }
                ExprKind::Return(Some(value)) => Err(Exit::Return(self.expr(at, value).await?)),
                _ => Err(Exit::Return(Value::None)),
            }
        })
    }

    /// Whether a condition holds.
    pub(super) async fn truth(self: &Rc<Self>, at: &Place<'p>, expr: &'p Expr) -> Result<bool, Exit> {
        as_bool(&self.expr(at, expr).await?)
    }

    /// The values of all, in order.
    pub(super) async fn all(self: &Rc<Self>, at: &Place<'p>, exprs: &'p [Expr]) -> Result<Vec<Value>, Exit> {
        let mut values = Vec::with_capacity(exprs.len());
        for expr in exprs {
            values.push(self.expr(at, expr).await?);
        }
        Ok(values)
    }

    async fn record(
        self: &Rc<Self>,
        at: &Place<'p>,
        slots: &'p [Expr],
        order: &[u32],
    ) -> Result<Value, Exit> {
        // `slots` are in slot order; `order` says in which order they are written.
        let mut values = vec![Value::None; slots.len()];
        let written: Vec<usize> = if order.is_empty() {
            (0..slots.len()).collect()
        } else {
            order.iter().map(|slot| *slot as usize).collect()
        };
        for slot in written {
            let expr = slots.get(slot).ok_or_else(|| broken("a record without that slot"))?;
            let value = self.expr(at, expr).await?;
            if let Some(place) = values.get_mut(slot) {
                *place = value;
            }
        }
        Ok(record(values))
    }

    async fn map(self: &Rc<Self>, at: &Place<'p>, entries: &'p [(Expr, Expr)]) -> Result<Value, Exit> {
        let mut made: Vec<(Value, Value)> = Vec::new();
        for (key, value) in entries {
            let key = self.expr(at, key).await?;
            let value = self.expr(at, value).await?;
            match made.iter_mut().find(|(other, _)| same(other, &key)) {
                Some((_, old)) => *old = value,
                None => made.push((key, value)),
            }
        }
        Ok(super::data::map(made))
    }

    /// Calls a pure function.
    pub(super) fn call<'a>(
        self: &'a Rc<Self>,
        at: &'a Place<'p>,
        function: FunctionRef,
        args: Vec<Value>,
    ) -> Eval<'a> {
        Box::pin(async move {
            let function = self.program.functions.get(function.0 as usize);
            let function = function.ok_or_else(|| broken("no such function"))?;
            let inner = at.enter(&function.locals)?;
            for (local, value) in function.params.iter().zip(args) {
                inner.set(*local, value)?;
            }
            match self.block(&inner, &function.body).await {
                Err(Exit::Return(value)) => Ok(value),
                other => other,
            }
        })
    }

    /// Calls a function value.
    pub(super) fn apply<'a>(
        self: &'a Rc<Self>,
        at: &'a Place<'p>,
        function: &'a Value,
        args: Vec<Value>,
    ) -> Eval<'a> {
        Box::pin(async move {
            let Value::Closure(number, captured) = function else {
                return Err(broken("a function was promised"));
            };
            let callable = self.closures.borrow().get(*number as usize).copied();
            match callable.ok_or_else(|| broken("no such closure"))? {
                Callable::Function(function) => self.call(at, function, args).await,
                Callable::Lambda(lambda, locals) => {
                    let inner = at.enter(locals)?;
                    for (local, value) in lambda.captures.iter().zip(&captured.items) {
                        inner.set(*local, value.clone())?;
                    }
                    for (local, value) in lambda.params.iter().zip(args) {
                        inner.set(*local, value)?;
                    }
                    self.expr(&inner, &lambda.body).await
                }
            }
        })
    }

    /// Calls a native.
    pub(super) async fn native(
        self: &Rc<Self>,
        _at: &Place<'p>,
        native: NativeId,
        args: Vec<Value>,
    ) -> Result<Value, Exit> {
        let native = self.program.natives.get(native.0 as usize).ok_or_else(|| broken("no such native"))?;
        text::call_native(native, &args)
    }
}

/// The value under a key of a map.
fn entry(map: &Value, key: &Value) -> Result<Option<Value>, Exit> {
    let Value::Map(map) = map else { return Err(broken("a Map was promised")) };
    Ok(map.entries.iter().find(|(other, _)| same(other, key)).map(|(_, value)| value.clone()))
}

fn json_index(base: &Value, key: &Value) -> Value {
    let Value::Json(json) = base else { return Value::None };
    let found = match key {
        Value::Text(name) => json.get(&*name.0),
        Value::Int(index) => usize::try_from(*index).ok().and_then(|i| json.get(i)),
        _ => None,
    };
    match found {
        None | Some(serde_json::Value::Null) => Value::None,
        Some(found) => Value::Json(std::sync::Arc::new(found.clone())),
    }
}
