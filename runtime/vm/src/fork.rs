//! `parallel`, `race`, `for … parallel`: branches start as tasks of their own, and their parent waits for them.

use crate::exec::{Machine, list};
use crate::fault::Fault;
use crate::program::Program;
use crate::run::Run;
use crate::task::{Exit, Join, Reason, State, Task, Undo};
use carapace_module::Value;
use carapace_module::code::{Branch, Fork, Instr};

/// How many branches of one `for … parallel` run at a time where it does not say: each costs memory, and is written
/// down at every wait.
const AT_ONCE: usize = 1_000;

/// What a branch counts for, in bytes, beside its registers.
const BRANCH: u64 = 256;

/// How deep branches may have branches.
const DEEPEST: usize = 100;

impl Task {
    /// Undos of a branch become its parent's, in the order in which the steps happened.
    pub(crate) fn adopt(&mut self, undos: Vec<Undo>) {
        self.undos.extend(undos);
        self.undos.sort_by_key(|u| u.sequence);
    }
}

impl Run {
    pub(crate) fn fork(&mut self, machine: &mut Machine<'_>, task: &mut Task, i: Instr) -> Result<(), Fault> {
        let program = machine.program;
        let fork = program.module().forks.get(usize::from(i.b)).ok_or(Fault::unsound("a fork is missing"))?;
        let mut join = Join {
            register: i.a,
            fork: u32::from(i.b),
            live: Vec::new(),
            results: Vec::new(),
            items: Vec::new(),
            captures: Vec::new(),
            next: 0,
        };
        match fork {
            Fork::All(branches) => {
                self.start_all(machine, task, &mut join, branches.iter().map(|(b, _)| *b), i.c)?;
            }
            Fork::Race(branches) => {
                self.start_all(machine, task, &mut join, branches.iter().copied(), i.c)?;
            }
            Fork::Each(branch) => {
                join.items = list(&task.register(i.c))?.to_vec();
                join.results = vec![Value::None; join.items.len()];
                join.captures = task.registers(i.c.saturating_add(2), usize::from(branch.captures));
                let limit = match task.register(i.c.saturating_add(1)) {
                    Value::Int(limit) => usize::try_from(limit.max(1)).unwrap_or(AT_ONCE).min(AT_ONCE),
                    _ => AT_ONCE,
                };
                for _ in 0..limit.min(join.items.len()) {
                    let captures = join.captures.iter().fold(0, |sum, v| v.size().saturating_add(sum));
                    room_for_branch(machine, task, *branch, captures)?;
                    self.start_next(program, task, &mut join, *branch);
                }
            }
        }
        if join.live.is_empty() {
            finish(program, task, join);
        } else {
            task.state = State::Joining(join);
        }
        Ok(())
    }

    fn start_all(
        &mut self,
        machine: &mut Machine<'_>,
        task: &mut Task,
        join: &mut Join,
        branches: impl Iterator<Item = Branch>,
        base: u16,
    ) -> Result<(), Fault> {
        let (program, mut next) = (machine.program, base);
        for (number, branch) in branches.enumerate() {
            let args = task.registers(next, usize::from(branch.captures));
            room_for_branch(machine, task, branch, args.iter().map(Value::size).sum())?;
            next = next.saturating_add(branch.captures);
            join.results.push(Value::None);
            self.start_branch(program, task, join, number, branch, args);
        }
        Ok(())
    }

    fn start_next(&mut self, program: &Program, task: &mut Task, join: &mut Join, branch: Branch) {
        let number = join.next as usize;
        let Some(item) = join.items.get(number).cloned() else { return };
        join.next += 1;
        let args = join.captures.iter().cloned().chain([item]).collect();
        self.start_branch(program, task, join, number, branch, args);
    }

    fn start_branch(
        &mut self,
        program: &Program,
        task: &mut Task,
        join: &mut Join,
        number: usize,
        branch: Branch,
        args: Vec<Value>,
    ) {
        let mut path = task.path.clone();
        path.0.push(task.child);
        join.live.push((task.child, u32::try_from(number).unwrap_or(u32::MAX)));
        task.child += 1;
        let mut child = Task::new(path.clone());
        let registers = program.module().function(branch.function).map_or(0, |f| f.registers);
        child.push(branch.function.0, registers, args, Reason::Base);
        self.put(child);
    }

    /// A branch has ended.
    pub(crate) fn child_ended(
        &mut self,
        program: &Program,
        parent: &mut Task,
        number: u32,
        end: Result<Value, Exit>,
    ) {
        // What takes a late step back is nobody's branch: its parent goes on waiting for whatever it waits for.
        let mut join = match std::mem::replace(&mut parent.state, State::Ready) {
            State::Joining(join) if join.live.iter().any(|(child, _)| *child == number) => join,
            other => {
                parent.state = other;
                return;
            }
        };
        let Some(at) = join.live.iter().position(|(child, _)| *child == number) else { return };
        let (_, branch) = join.live.remove(at);
        let value = match end {
            Ok(value) => value,
            Err(exit) => {
                self.end_children(parent, &join);
                self.leave(program, parent, exit);
                return;
            }
        };
        let fork = program.module().forks.get(join.fork as usize);
        if let Some(Fork::Race(_)) = fork {
            self.end_children(parent, &join);
            let fields = if value.is_none() { Vec::new() } else { vec![value] };
            parent.set(join.register, Value::tag(branch, fields));
            return;
        }
        if let Some(place) = join.results.get_mut(branch as usize) {
            *place = value;
        }
        if let Some(Fork::Each(each)) = fork {
            self.start_next(program, parent, &mut join, *each);
        }
        if join.live.is_empty() {
            finish(program, parent, join);
        } else {
            parent.state = State::Joining(join);
        }
    }

    fn end_children(&mut self, parent: &mut Task, join: &Join) {
        for (number, _) in &join.live {
            self.end_child(parent, *number);
        }
    }

    /// A branch is given up. What it did may still have to be taken back, so its undos go to its parent; a step that
    /// happens from now on happens for nobody, and is taken back when it does.
    pub(crate) fn end_child(&mut self, parent: &mut Task, number: u32) {
        let mut path = parent.path.clone();
        path.0.push(number);
        let Some(mut child) = self.take(&path) else { return };
        self.let_go(&mut child);
        let (mut kept, open): (Vec<Undo>, Vec<Undo>) = std::mem::take(&mut child.undos)
            .into_iter()
            .partition(|undo| undo.pending.is_none() || undo.is_unknown());
        self.late.extend(open);
        // One that nobody knows about holds up those before it in the parent, too.
        kept.iter_mut().filter(|undo| undo.pending.is_some()).for_each(|undo| undo.past = true);
        parent.adopt(kept);
    }
}

/// Branches inside branches end somewhere, and all of them are paid for: a flow that forks into itself does not end by
/// itself.
fn room_for_branch(
    machine: &mut Machine<'_>,
    task: &Task,
    branch: Branch,
    captures: u64,
) -> Result<(), Fault> {
    if task.path.0.len() >= DEEPEST {
        return Err(Fault::Depth);
    }
    let registers = machine.program.module().function(branch.function).map_or(0, |f| f.registers);
    machine.keep(captures.saturating_add(u64::from(registers) * 16).saturating_add(BRANCH))
}

/// All branches have ended.
fn finish(program: &Program, task: &mut Task, join: Join) {
    let value = match program.module().forks.get(join.fork as usize) {
        Some(Fork::All(branches)) => {
            let named = branches.iter().zip(join.results).filter(|((_, kept), _)| *kept);
            Value::record(named.map(|(_, value)| value).collect())
        }
        _ => Value::list(join.results),
    };
    task.set(join.register, value);
    task.state = State::Ready;
}
