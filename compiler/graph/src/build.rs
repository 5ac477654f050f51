//! From the tree to the picture.

use crate::model::{Graph, NodeKind};
use crate::words::{expr, pattern, shorten, trigger};
use carapace_syntax::ast::{
    Block, Branch, Expr, ExprKind, Flow, Item, ItemKind, Stmt, StmtKind, Suffixes, Tool, Within,
};

/// Calls that rest until something happens; everything else that is called is an effect or a function.
const WAITS: [&str; 5] = ["wait", "wait_until", "ask", "ask_who", "approve"];
/// Calls of the library's that a picture of a flow shows although they have no receiver.
const EFFECTS: [&str; 16] = [
    "reply",
    "send",
    "forward",
    "broadcast",
    "react",
    "edit",
    "delete",
    "typing",
    "kick",
    "ban",
    "poll",
    "respond",
    "emit",
    "log",
    "fail",
    "cancel",
];

/// The picture of a flow, sub-flow or tool; none of any other item.
pub fn graph_of(item: &Item) -> Option<Graph> {
    let name = item.name.as_ref().map(|n| n.text.clone()).unwrap_or_default();
    let mut builder = Builder { graph: Graph { name, ..Graph::default() }, loops: Vec::new() };
    match &item.kind {
        ItemKind::Flow(flow) => builder.flow(item, flow),
        ItemKind::Tool(tool) => builder.tool(item, tool),
        _ => return None,
    }
    Some(builder.graph)
}

/// Arrows that wait for the node they lead to.
type Open = Vec<(usize, String)>;

struct Builder {
    graph: Graph,
    /// Per enclosing loop: its node, and the `break`s that leave it.
    loops: Vec<(usize, Open)>,
}

impl Builder {
    fn flow(&mut self, item: &Item, flow: &Flow) {
        let mut open: Open = Vec::new();
        for t in &flow.header.triggers {
            let node = self.graph.node(NodeKind::Trigger, shorten(&trigger(t)), (t.range.start, t.range.end));
            open.push((node, String::new()));
        }
        if flow.header.triggers.is_empty() {
            open = self.head(item, "called");
        }
        open = self.gates(flow, open);
        let body = self.block(&flow.body, open);
        self.finish(body, flow.body.range.end);
        if let Some((_, block)) = &flow.on_failure {
            self.handler("on failure", block);
        }
        if let Some(block) = &flow.on_cancel {
            self.handler("on cancel", block);
        }
    }

    fn tool(&mut self, item: &Item, tool: &Tool) {
        let open = self.head(item, "called by an agent");
        let body = self.block(&tool.body, open);
        self.finish(body, tool.body.range.end);
        if let Some((_, block)) = &tool.on_failure {
            self.handler("on failure", block);
        }
        if let Some(block) = &tool.on_cancel {
            self.handler("on cancel", block);
        }
    }

    fn head(&mut self, item: &Item, text: &str) -> Open {
        let range = item.name.as_ref().map_or((0, 0), |n| (n.range.start, n.range.end));
        vec![(self.graph.node(NodeKind::Trigger, text, range), String::new())]
    }

    fn gates(&mut self, flow: &Flow, mut open: Open) -> Open {
        let header = &flow.header;
        if let Some(guard) = &header.guard {
            open = self.step(
                NodeKind::Gate,
                &format!("where {}", expr(guard)),
                (guard.range.start, guard.range.end),
                open,
            );
        }
        for limit in &header.limits {
            let per = limit.per.as_ref().map(|d| format!(" per {}", expr(d))).unwrap_or_default();
            let by = limit.by.iter().map(expr).collect::<Vec<_>>().join(", ");
            let range = (limit.range.start, limit.range.end);
            let gate =
                self.step(NodeKind::Gate, &format!("limit {}{per} by {by}", expr(&limit.count)), range, open);
            if let (Some(block), Some((node, _))) = (&limit.otherwise, gate.first()) {
                let over = self.block(block, vec![(*node, "over".to_owned())]);
                self.finish(over, block.range.end);
            }
            open = gate;
        }
        if let Some(debounce) = &header.debounce {
            let range = (debounce.duration.range.start, debounce.duration.range.end);
            open = self.step(NodeKind::Gate, &format!("debounce {}", expr(&debounce.duration)), range, open);
        }
        if let Some(serial) = &header.serial {
            let by = serial.by.iter().map(expr).collect::<Vec<_>>().join(", ");
            open = self.step(
                NodeKind::Gate,
                &format!("one at a time by {by}"),
                (serial.range.start, serial.range.end),
                open,
            );
        }
        open
    }

    fn handler(&mut self, text: &str, block: &Block) {
        let node = self.graph.node(NodeKind::Trigger, text, (block.range.start, block.range.end));
        let open = self.block(block, vec![(node, String::new())]);
        self.finish(open, block.range.end);
    }

    fn finish(&mut self, open: Open, at: u32) {
        if !open.is_empty() {
            self.step(NodeKind::End, "end", (at.saturating_sub(1), at), open);
        }
    }

    /// One node with all open arrows leading to it.
    fn step(&mut self, kind: NodeKind, text: &str, range: (u32, u32), open: Open) -> Open {
        let node = self.graph.node(kind, shorten(text), range);
        for (from, label) in open {
            self.graph.edge(from, node, &label);
        }
        vec![(node, String::new())]
    }

    fn block(&mut self, block: &Block, mut open: Open) -> Open {
        for stmt in &block.stmts {
            if open.is_empty() {
                break;
            }
            open = self.stmt(stmt, open);
        }
        open
    }

    fn stmt(&mut self, stmt: &Stmt, open: Open) -> Open {
        let range = (stmt.range.start, stmt.range.end);
        match &stmt.kind {
            StmtKind::Let { value, .. } | StmtKind::Var { value, .. } | StmtKind::Assign { value, .. } => {
                self.expr(value, open)
            }
            StmtKind::Expr(value) => self.expr(value, open),
            StmtKind::Set { target, value, .. } => {
                let open = self.expr(value, open);
                self.step(NodeKind::Set, &format!("set {}", expr(target)), range, open)
            }
            StmtKind::While { cond, body } => {
                let open = self.expr(cond, open);
                self.looped(&format!("while {}", expr(cond)), range, body, open)
            }
            StmtKind::Repeat { count, body } => {
                self.looped(&format!("repeat {}", expr(count)), range, body, open)
            }
            StmtKind::Break => {
                if let Some((_, breaks)) = self.loops.last_mut() {
                    breaks.extend(open);
                }
                Vec::new()
            }
            StmtKind::Continue => {
                if let Some((node, _)) = self.loops.last() {
                    let node = *node;
                    self.connect(open, node);
                }
                Vec::new()
            }
            StmtKind::Return(value) => {
                let open = value.as_ref().map_or(open.clone(), |v| self.expr(v, open.clone()));
                self.step(NodeKind::End, "return", range, open);
                Vec::new()
            }
            StmtKind::Listen(listen) => {
                let open = self.step(
                    NodeKind::Wait,
                    &format!("listen {}", trigger(&listen.events.trigger)),
                    range,
                    open,
                );
                self.block(&listen.body, open)
            }
            StmtKind::Test(_) | StmtKind::Error => open,
        }
    }

    fn connect(&mut self, open: Open, to: usize) {
        for (from, label) in open {
            self.graph.edge(from, to, &label);
        }
    }

    fn looped(&mut self, text: &str, range: (u32, u32), body: &Block, open: Open) -> Open {
        let after = self.step(NodeKind::Loop, text, range, open);
        let node = after.first().map_or(0, |(n, _)| *n);
        self.loops.push((node, Vec::new()));
        let back = self.block(body, vec![(node, "each".to_owned())]);
        self.connect(back, node);
        let (_, breaks) = self.loops.pop().unwrap_or_default();
        let mut out = vec![(node, "done".to_owned())];
        out.extend(breaks);
        out
    }

    fn expr(&mut self, e: &Expr, open: Open) -> Open {
        if open.is_empty() {
            return open;
        }
        let range = (e.range.start, e.range.end);
        match &e.kind {
            ExprKind::Suffixed { base, suffixes } => self.suffixed(base, suffixes, open),
            ExprKind::Paren(inner) | ExprKind::Unary(_, inner) => self.expr(inner, open),
            ExprKind::Field { base, .. } => self.expr(base, open),
            ExprKind::Index { base, index } => {
                let open = self.expr(base, open);
                self.expr(index, open)
            }
            ExprKind::Binary(_, left, right) => {
                let open = self.expr(left, open);
                self.expr(right, open)
            }
            ExprKind::Cond { subject, .. } => self.expr(subject, open),
            ExprKind::If(i) => {
                let open = self.expr(&i.cond, open);
                let node = self.step(
                    NodeKind::Branch,
                    &format!("{}?", expr(&i.cond)),
                    (i.cond.range.start, i.cond.range.end),
                    open,
                );
                let n = node.first().map_or(0, |(n, _)| *n);
                let mut out = self.block(&i.then, vec![(n, "yes".to_owned())]);
                match &i.otherwise {
                    Some(other) => out.extend(self.expr(other, vec![(n, "no".to_owned())])),
                    None => out.push((n, "no".to_owned())),
                }
                out
            }
            ExprKind::Match(m) => {
                let open = self.expr(&m.subject, open);
                let node = self.step(
                    NodeKind::Branch,
                    &expr(&m.subject),
                    (m.subject.range.start, m.subject.range.end),
                    open,
                );
                let n = node.first().map_or(0, |(n, _)| *n);
                let mut out = Vec::new();
                for arm in &m.arms {
                    let guard = arm.guard.as_ref().map(|g| format!(" if {}", expr(g))).unwrap_or_default();
                    out.extend(
                        self.expr(
                            &arm.body,
                            vec![(n, shorten(&format!("{}{guard}", pattern(&arm.pattern))))],
                        ),
                    );
                }
                out
            }
            ExprKind::For(f) => {
                let open = self.expr(&f.items, open);
                let text = format!("for {} in {}", f.var.text, expr(&f.items));
                match &f.parallel {
                    None => self.looped(&text, range, &f.body, open),
                    Some(limit) => {
                        let limit = limit.as_ref().map(|n| format!(" {}", expr(n))).unwrap_or_default();
                        let fork =
                            self.step(NodeKind::Fork, &format!("{text}, parallel{limit}"), range, open);
                        self.block(&f.body, fork)
                    }
                }
            }
            ExprKind::Parallel(branches) => self.fork("parallel", branches, range, open),
            ExprKind::Race(branches) => self.fork("race", branches, range, open),
            ExprKind::Do(block) => self.block(block, open),
            ExprKind::Await(_) => self.step(NodeKind::Wait, &expr(e), range, open),
            ExprKind::Start(_) => self.step(NodeKind::Flow, &expr(e), range, open),
            ExprKind::Call { callee, args, .. } => {
                let open = args.iter().fold(open, |open, arg| self.expr(&arg.value, open));
                self.call(e, callee, range, open)
            }
            _ => open,
        }
    }

    /// A call is shown when the library says that it acts or waits, or when it has a lower-case receiver and stands for an
    /// effect by its look (`desk.extract(…)`); a pure function is not.
    fn call(&mut self, whole: &Expr, callee: &Expr, range: (u32, u32), open: Open) -> Open {
        match &callee.kind {
            ExprKind::Name(name) if WAITS.contains(&name.text.as_str()) => {
                self.step(NodeKind::Wait, &expr(whole), range, open)
            }
            ExprKind::Name(name) if name.text == "fail" || name.text == "cancel" => {
                self.step(NodeKind::End, &expr(whole), range, open);
                Vec::new()
            }
            ExprKind::Name(name) if EFFECTS.contains(&name.text.as_str()) => {
                self.step(NodeKind::Effect, &expr(whole), range, open)
            }
            _ => open,
        }
    }

    fn fork(&mut self, word: &str, branches: &[Branch], range: (u32, u32), open: Open) -> Open {
        let node = self.step(NodeKind::Fork, word, range, open);
        let n = node.first().map_or(0, |(n, _)| *n);
        let mut out = Vec::new();
        for branch in branches {
            let name = branch.name.as_ref().map(|n| n.text.clone()).unwrap_or_default();
            let end = self.expr(&branch.body, vec![(n, name)]);
            out.extend(end);
        }
        if out.is_empty() { vec![(n, String::new())] } else { out }
    }

    /// A call with suffixes is always shown: only what acts or waits may carry them.
    fn suffixed(&mut self, base: &Expr, suffixes: &Suffixes, open: Open) -> Open {
        let before = self.graph.nodes.len();
        let mut out = self.expr(base, open.clone());
        if self.graph.nodes.len() == before && matches!(base.kind, ExprKind::Call { .. }) {
            out = self.step(NodeKind::Effect, &expr(base), (base.range.start, base.range.end), open);
        }
        let Some(last) = self.graph.nodes.len().checked_sub(1).filter(|_| self.graph.nodes.len() > before)
        else {
            return out;
        };
        if let (Some(node), Some(notes)) = (self.graph.nodes.get_mut(last), notes(suffixes)) {
            node.text = shorten(&format!("{} {notes}", node.text));
        }
        if let Some(block) = &suffixes.on_unknown {
            out.extend(self.block(block, vec![(last, "unknown".to_owned())]));
        }
        if let Some(other) = &suffixes.otherwise {
            let label = if suffixes.within.is_some() { "else, in time" } else { "else" };
            out.extend(self.expr(&other.value, vec![(last, label.to_owned())]));
        }
        out
    }
}

/// `retry 2 within 30s`.
fn notes(suffixes: &Suffixes) -> Option<String> {
    let mut words = Vec::new();
    if let Some(retry) = &suffixes.retry {
        words.push(format!("retry {}", expr(&retry.count)));
    }
    match &suffixes.within {
        Some(Within::For(d)) => words.push(format!("within {}", expr(d))),
        Some(Within::Until(t)) => words.push(format!("until {}", expr(t))),
        None => {}
    }
    if suffixes.undo.is_some() {
        words.push("with undo".to_owned());
    }
    if let Some(label) = &suffixes.label {
        words.push(format!("as {}", label.text));
    }
    (!words.is_empty()).then(|| words.join(" "))
}
