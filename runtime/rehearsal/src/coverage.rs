//! Which branches no test took.
//!
//! A branch is a block of code with a place in the source: what stands behind a condition, an arm, an `else`, or a call
//! that may fail. Only what is the author's counts: neither the library's functions nor the tests' own.

use carapace_diagnostic::{FileId, Span, TextRange};
use carapace_engine::machine::vm::Visited;
use carapace_module::blocks::{Block, blocks};
use carapace_module::code::{Function, Module, Op};
use carapace_module::signature::{FlowSignature, FunctionId};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// What the tests of a module reached.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Coverage {
    /// How many branches there are.
    pub branches: usize,
    /// How many of them some test took.
    pub taken: usize,
    /// Those that none took, in the order of the source. What follows from another that is listed is not listed again.
    pub missed: Vec<Missed>,
}

/// A branch that no test took.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Missed {
    /// Where.
    pub span: Span,
    /// The flow or function it stands in, by its full name.
    pub owner: Arc<str>,
    /// What no test did.
    pub why: Why,
}

/// What no test did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The flow was never started.
    NotStarted,
    /// The function was never called.
    NotCalled,
    /// The place was never reached.
    NotReached,
    /// The `if` without `else` was never passed by: its condition always held.
    NotSkipped,
}

impl Why {
    /// In words: `no test …`.
    pub const fn words(self) -> &'static str {
        match self {
            Why::NotStarted => "no test starts it",
            Why::NotCalled => "no test calls it",
            Why::NotReached => "no test comes here",
            Why::NotSkipped => "in every test this holds",
        }
    }
}

/// What came of a module's tests, from where its code went on.
pub(crate) fn coverage(module: &Module, visited: &Visited) -> Coverage {
    let map = Map::new(module, visited);
    let mut coverage = Coverage::default();
    for (number, function) in &map.functions {
        for (index, block) in function.blocks.iter().enumerate() {
            if function.reachable.contains(&index) && map.site(*number, block).is_some() {
                coverage.branches += 1;
                coverage.taken += usize::from(function.taken.contains(&index));
            }
        }
    }
    coverage.missed = map.missed();
    coverage.missed.sort();
    coverage.missed.dedup();
    coverage
}

/// A function of the author's.
struct Looked<'m> {
    function: &'m Function,
    blocks: Vec<Block>,
    /// Blocks that its first one leads to.
    reachable: BTreeSet<usize>,
    /// Blocks that were come by.
    taken: BTreeSet<usize>,
}

struct Map<'m> {
    module: &'m Module,
    functions: BTreeMap<u32, Looked<'m>>,
}

impl<'m> Map<'m> {
    fn new(module: &'m Module, visited: &Visited) -> Map<'m> {
        let name = |id: FunctionId| module.functions.get(id.0 as usize).map(|function| &function.name);
        let tests: BTreeSet<_> = module.tests.iter().filter_map(|test| name(test.body)).collect();
        // Values of states and settings are no branches.
        let values: BTreeSet<u32> = module
            .states
            .iter()
            .map(|state| state.init.0)
            .chain(module.settings.iter().filter_map(|setting| Some(setting.default?.0)))
            .collect();
        // In the library's own tests the library is what is tested.
        let is_own = |function: &Function| module.package.is_empty() || !function.name.starts_with("std/");
        let numbered = (0u32..).zip(&module.functions);
        let own = numbered.filter(|(number, function)| {
            is_own(function) && !tests.contains(&function.name) && !values.contains(number)
        });
        let functions = own.map(|(number, function)| (number, look(module, number, function, visited)));
        Map { module, functions: functions.collect() }
    }

    /// Flows and functions that nothing came to, and elsewhere the first blocks behind those that were taken.
    fn missed(&self) -> Vec<Missed> {
        let mut owners: BTreeMap<&Arc<str>, bool> = BTreeMap::new();
        for looked in self.functions.values() {
            *owners.entry(&looked.function.name).or_default() |= !looked.taken.is_empty();
        }
        let unused = owners.iter().filter(|(_, used)| !**used).filter_map(|(owner, _)| self.unused(owner));
        let used = |number: u32| {
            self.functions.get(&number).is_some_and(|l| owners.get(&l.function.name) == Some(&true))
        };
        unused.chain(self.frontier(used)).collect()
    }

    fn unused(&self, owner: &Arc<str>) -> Option<Missed> {
        let of_owner = self.functions.iter().filter(|(_, looked)| looked.function.name == *owner);
        let sites = of_owner.flat_map(|(number, looked)| looked.blocks.iter().map(|b| self.site(*number, b)));
        let flow = self.module.flows.iter().any(|flow| flow.name == *owner);
        let why = if flow { Why::NotStarted } else { Why::NotCalled };
        let span = sites.flatten().min_by_key(|span| span.range.start)?;
        Some(Missed { span, owner: owner.clone(), why })
    }

    /// Walks from what was taken into what was not, and stops at the first block with a place in the source.
    fn frontier(&self, used: impl Fn(u32) -> bool) -> Vec<Missed> {
        let roots = self.module.flows.iter().flat_map(roots).map(|id| (id.0, 0));
        let taken = self.functions.iter().flat_map(|(n, l)| l.taken.iter().map(|block| (*n, *block)));
        let mut queue: VecDeque<(u32, usize)> = taken.chain(roots.filter(|(n, _)| used(*n))).collect();
        let mut seen: BTreeSet<(u32, usize)> = queue.iter().copied().collect();
        let mut missed = Vec::new();
        while let Some((number, index)) = queue.pop_front() {
            let Some(looked) = self.functions.get(&number) else { continue };
            let Some(block) = looked.blocks.get(index) else { continue };
            if !looked.taken.contains(&index)
                && let Some(span) = self.site(number, block)
            {
                let why = if self.skips(looked, block, span) { Why::NotSkipped } else { Why::NotReached };
                missed.push(Missed { span, owner: looked.function.name.clone(), why });
                continue;
            }
            // What has a name of its own is told as unused, or was used.
            let inside = |id: &&FunctionId| {
                self.functions.get(&id.0).is_some_and(|other| other.function.name == looked.function.name)
            };
            let next = block.next.iter().map(|next| (number, *next));
            let refers = block.refers.iter().filter(inside).map(|id| (id.0, 0));
            queue.extend(next.chain(refers).filter(|to| seen.insert(*to)));
        }
        missed
    }

    /// The place of a block: of those that begin in it the one that stands first, and there the longest.
    fn site(&self, number: u32, block: &Block) -> Option<Span> {
        let function = self.functions.get(&number)?.function;
        let begins = |(pc, _): &&(u32, u32)| (block.start..block.end).contains(&(*pc as usize));
        let spans = function.sites.iter().filter(begins).filter_map(|(_, site)| self.span(*site));
        // Values that are left out in a call stand in the library, where they are declared.
        let own = spans.filter(|span| {
            let file = self.module.files.get(span.file.0 as usize);
            self.module.package.is_empty() || file.is_none_or(|file| !file.starts_with("std/"))
        });
        own.min_by_key(|span| (span.range.start, std::cmp::Reverse(span.range.end)))
    }

    /// Whether the block is where an `if` without `else` goes on when its condition does not hold: its place is the
    /// `if` as a whole, around what was taken.
    fn skips(&self, looked: &Looked<'_>, block: &Block, span: Span) -> bool {
        let is_nothing = looked.function.code.get(block.start).is_some_and(|instr| instr.op == Op::None);
        let inside = |(_, site): &(u32, u32)| {
            self.span(*site).is_some_and(|other| {
                other.file == span.file
                    && other.range.start > span.range.start
                    && other.range.end < span.range.end
            })
        };
        is_nothing && looked.function.sites.iter().any(inside)
    }

    fn span(&self, site: u32) -> Option<Span> {
        let site = self.module.sites.get(site as usize)?;
        Some(Span::new(FileId(site.file), TextRange::new(site.start, site.end)))
    }
}

fn look<'m>(module: &Module, number: u32, function: &'m Function, visited: &Visited) -> Looked<'m> {
    let blocks = blocks(module, function);
    let places = visited.range((number, 0)..=(number, u32::MAX)).map(|(_, pc)| *pc as usize);
    let numbers = places.filter_map(|pc| blocks.partition_point(|block| block.start <= pc).checked_sub(1));
    let mut taken: BTreeSet<usize> = numbers.collect();
    for (index, block) in blocks.iter().enumerate() {
        if block.falls && taken.contains(&index) {
            taken.insert(index + 1);
        }
    }
    let mut reachable = BTreeSet::new();
    let mut work = vec![0];
    while let Some(index) = work.pop() {
        if reachable.insert(index)
            && let Some(block) = blocks.get(index)
        {
            work.extend(&block.next);
        }
    }
    Looked { function, blocks, reachable, taken }
}

/// The functions by which the engine comes into a flow.
fn roots(flow: &FlowSignature) -> Vec<FunctionId> {
    let limits = flow.limits.iter().flat_map(|limit| [Some(limit.key), limit.otherwise]);
    let keys = [
        Some(flow.body),
        flow.guard,
        flow.debounce.map(|(_, key)| key),
        flow.dedupe.map(|(key, _)| key),
        flow.serial.as_ref().map(|(_, key, _)| *key),
    ];
    limits.chain(keys).flatten().collect()
}
