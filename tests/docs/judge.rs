//! Whether a block does what its fence says: checks, fails, parses; and whether the tests in it pass.

use crate::blocks::Block;
use carapace_diagnostic::render::{Human, human};
use carapace_driver::{Checked, Compiled, MemoryFiles, Sources};
use carapace_rehearsal::{Loaded, Options, render};
use libtest_mimic::Failed;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// Documents are rewritten one block after the other.
static WRITING: Mutex<()> = Mutex::new(());

impl Block {
    /// Checks the block, and runs its tests where nothing is wrong with it. With `BLESS=1` what the document shows of it is
    /// made anew.
    pub(crate) fn judge(self, document: &Path, styled: bool) -> Result<(), Failed> {
        let others = self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
        let files = MemoryFiles::new(others.chain([("main.flow", self.text.as_str())]));
        let (what, codes) = self.says.split_once(' ').unwrap_or((&self.says, ""));
        let codes: Vec<&str> = codes.split_whitespace().collect();
        if styled && matches!(what, "" | "warning") {
            self.style()?;
        }
        match what {
            "part" => {
                let parsed = Sources::load(&files, "main.flow").parse();
                agree(&codes, &parsed.diagnostics, &parsed.sources)
            }
            "" | "more" | "error" | "warning" => {
                let checked = Checked::of(&files, "main.flow");
                agree(&codes, &checked.diagnostics, &checked.sources)?;
                if checked.has_errors() {
                    return Ok(());
                }
                self.compare("capabilities", &capabilities(&checked), document)?;
                let compiled = checked.compile().map_err(|checked| format!("{:?}", checked.diagnostics))?;
                self.compare("disassembly", &carapace_module::print(&compiled.module), document)?;
                rehearse(&compiled)
            }
            other => Err(format!("a fence cannot say `{other}`").into()),
        }
    }

    /// Whether the formatter would leave it as it is.
    fn style(&self) -> Result<(), Failed> {
        let formatted = carapace_syntax::format(&self.text);
        if formatted == self.text {
            Ok(())
        } else {
            Err(format!("in the one style it is\n{formatted}").into())
        }
    }

    /// Compares what the document shows of the block with what there is.
    fn compare(&self, kind: &str, found: &str, document: &Path) -> Result<(), Failed> {
        let Some((_, shown)) = self.shown.iter().find(|(known, text)| *known == kind && text != found) else {
            return Ok(());
        };
        if std::env::var_os("BLESS").is_none() || !document.exists() {
            return Err(format!("shown:\n{shown}\nfound:\n{found}(BLESS=1 shows that)").into());
        }
        let _alone = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
        let fenced = |text: &str| format!("```{kind}\n{text}```\n");
        let text = std::fs::read_to_string(document)?;
        std::fs::write(document, text.replace(&fenced(shown), &fenced(found)))?;
        Ok(())
    }
}

/// As `carapace check --capabilities` lists them.
fn capabilities(checked: &Checked) -> String {
    let mut out = String::new();
    for flow in &checked.program.capabilities {
        out.push_str(&format!("{}\n", flow.flow));
        out.extend(flow.touches.iter().map(|touch| format!("  {touch}\n")));
    }
    out
}

fn agree(
    expected: &[&str],
    found: &[carapace_diagnostic::Diagnostic],
    sources: &Sources,
) -> Result<(), Failed> {
    let codes: Vec<&str> = found.iter().map(|d| d.code.0).collect();
    if codes == expected {
        return Ok(());
    }
    let shown = human(found, &sources.map(""), Human::default());
    Err(format!("expected {expected:?}, found {codes:?}\n{shown}").into())
}

/// Runs every test of the package.
fn rehearse(compiled: &Compiled) -> Result<(), Failed> {
    let loaded = Loaded::new(compiled.module.to_bytes(), carapace_engine::machine::vm::load)?;
    let report = carapace_rehearsal::run(&loaded, &Options::default());
    if report.failed() == 0 {
        return Ok(());
    }
    Err(render::suite(&report, &compiled.sources.map("")).into())
}

/// Blocks that are not what their fences say, each in another way.
pub(crate) fn notices() -> Result<(), Failed> {
    let lies = [
        "```flow\nchannel chat: nowhere\n```\n",
        "```flow error E0101\nconst a = 1\n```\n",
        "```flow\ntest \"wrong\" {\n  expect 1 == 2\n}\n```\n",
        "```flow part\nconst\n```\n",
        "```flow\nconst  a = 1\n```\n",
        "```flow later\nconst a = 1\n```\n",
        "```flow\nconst a = 1\n```\n```capabilities\nmain.a\n```\n",
        "```flow\nconst a = 1\n```\n```disassembly\nnothing\n```\n",
    ];
    for lie in lies {
        for block in crate::blocks::blocks(lie) {
            if block.judge(Path::new("nowhere.md"), true).is_ok() {
                return Err(format!("nobody noticed:\n{lie}").into());
            }
        }
    }
    Ok(())
}
