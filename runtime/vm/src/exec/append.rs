//! Lists that grow. What is appended to a list costs what is appended, where the list is known to have one holder; else it
//! costs the whole list, since it may have to be copied.

use super::Machine;
use super::operands::{get, put};
use crate::fault::Fault;
use carapace_module::Value;
use carapace_module::code::Instr;
use carapace_module::value::{List, MAX_DEPTH};
use std::sync::Arc;

const NO_LIST: Fault = Fault::unsound("a List was promised");

impl Machine<'_> {
    /// `Append`.
    pub(super) fn append(&mut self, i: Instr, regs: &mut [Value]) -> Result<(), Fault> {
        let item = get(regs, i.c)?.clone();
        self.grow(i, regs, std::slice::from_ref(&item))
    }

    /// `Add` of two lists; false where they are none.
    pub(super) fn add_lists(&mut self, i: Instr, regs: &mut [Value]) -> Result<bool, Fault> {
        let Value::List(right) = get(regs, i.c)? else { return Ok(false) };
        // To itself it is appended as it was.
        let right = if i.b == i.c { Arc::new(List::clone(right)) } else { Arc::clone(right) };
        self.grow(i, regs, &right.items)?;
        Ok(true)
    }

    /// Register a becomes list b with these items behind its own.
    fn grow(&mut self, i: Instr, regs: &mut [Value], items: &[Value]) -> Result<(), Fault> {
        let Value::List(list) = get(regs, i.b)? else { return Err(NO_LIST) };
        let (mut added, mut depth) = (0_u64, list.depth);
        for item in items {
            added = added.saturating_add(item.size());
            depth = depth.max(item.depth().saturating_add(1));
        }
        let whole = list.size.saturating_add(added).saturating_add(16);
        if whole > self.limits.memory {
            return Err(Fault::Memory);
        }
        if depth >= MAX_DEPTH {
            return Err(Fault::Depth);
        }
        let new = if i.a == i.b && list.is_sole() { added } else { whole };
        self.burn(new / 16)?;
        self.made = self.made.saturating_add(new);
        if i.a != i.b {
            let copy = Value::List(Arc::new(List::clone(list)));
            put(regs, i.a, copy)?;
        }
        let Some(Value::List(list)) = regs.get_mut(usize::from(i.a)) else { return Err(NO_LIST) };
        let list = Arc::make_mut(list);
        items.iter().for_each(|item| list.push(item.clone()));
        list.set_sole();
        Ok(())
    }
}
