//! `test "…" { … }`.

use crate::code;
use crate::collect::{At, Checker, ModuleId};
use crate::infer::{Body, Mode, Want};
use crate::tree::{Expr, Stmt, StmtKind, Test, TestStep};
use carapace_diagnostic::TextRange;
use carapace_module::Type;
use carapace_module::testing::TestOp;
use carapace_syntax::ast::{ItemKind, TestStmt};
use std::sync::Arc;

impl<'a> Checker<'a> {
    /// Looks at the tests of the package's own modules.
    pub(crate) fn check_tests(&mut self) {
        for (index, source) in self.sources.modules.iter().enumerate() {
            let module = ModuleId(u32::try_from(index).unwrap_or(u32::MAX));
            if !self.is_package(module) {
                continue;
            }
            let mut titles: Vec<&str> = Vec::new();
            for placed in &source.tree.items {
                let ItemKind::Test(test) = &placed.item.kind else { continue };
                let at = At { module, file: source.file, offset: placed.offset };
                if titles.contains(&test.title.as_str()) {
                    self.report(
                        carapace_diagnostic::Diagnostic::new(
                            code::DUPLICATE,
                            at.span(placed.item.range),
                            format!("two tests are called \"{}\"", test.title),
                        )
                        .help("give one of them another title"),
                    );
                }
                titles.push(&test.title);
                if !self.is_focused(source.file, placed) || (self.stop)() {
                    continue;
                }
                let mut body = Body::new(self, at, Mode::Test);
                let (block, _) = body.block(&test.body, Want::Discard);
                let locals = body.finish(None);
                self.program.tests.push(Test {
                    title: Arc::from(test.title.as_str()),
                    module: source.path.clone(),
                    locals,
                    body: block,
                    span: at.span(placed.item.range),
                });
            }
        }
    }
}

impl<'a> Body<'_, 'a> {
    /// A statement that only a test may have.
    pub(crate) fn test_stmt(&mut self, range: TextRange, step: &'a TestStmt) -> Option<Stmt> {
        if self.mode != Mode::Test {
            let told = self
                .told(code::TEST_ONLY, range, "this belongs into a test")
                .help("tests stand beside the flow: `test \"…\" { … }`");
            self.report(told);
            return None;
        }
        let (op, args) = self.test_op(range, step)?;
        Some(Stmt { span: self.span(range), kind: StmtKind::Test(TestStep { op, args }) })
    }

    fn test_op(&mut self, range: TextRange, step: &'a TestStmt) -> Option<(TestOp, Vec<Expr>)> {
        Some(match step {
            TestStmt::Given(given) => return self.given(range, given),
            TestStmt::When(event) => return self.when(event),
            TestStmt::Advance(duration) => (TestOp::Advance, vec![self.check(duration, &Type::Duration)]),
            TestStmt::Crash => (TestOp::Crash, Vec::new()),
            TestStmt::CrashAfterEachAwait => (TestOp::CrashAfterEachAwait, Vec::new()),
            TestStmt::Channel { name, up } => {
                let id = match self.find_global(&name.text) {
                    crate::names::Found::Item(id) => {
                        self.cx.note_item(self.at, name, id);
                        id
                    }
                    _ => {
                        self.unknown_name(name);
                        return None;
                    }
                };
                let def = self.cx.def(id);
                if def.kind != crate::collect::DefKind::Channel {
                    let told = self
                        .told(
                            code::WRONG_KIND,
                            name.range,
                            format!("`{}` is {}, not a channel", def.name, def.kind.noun()),
                        )
                        .help("only channels go down");
                    self.report(told);
                    return None;
                }
                (TestOp::Channel { channel: self.cx.slot(id), up: *up }, Vec::new())
            }
            TestStmt::Expect(expect) => {
                if let carapace_syntax::ast::ExpectKind::InOrder(all) = &expect.kind {
                    return self.expect_in_order(all);
                }
                let (op, args) = self.expect(expect)?;
                let source = self.source(range);
                (TestOp::Expect { negated: expect.negated, expect: op, source }, args)
            }
        })
    }

    /// The text of a range, as written.
    pub(crate) fn source(&self, range: TextRange) -> Arc<str> {
        let range = range.shift(self.at.offset);
        let text = self.cx.module(self.at.module).text;
        Arc::from(text.get(range.start as usize..range.end as usize).unwrap_or_default().trim())
    }
}
