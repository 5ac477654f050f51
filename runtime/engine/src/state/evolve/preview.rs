//! What happens to answers that are shown while they are written.

use crate::record::{Previewing, Record};
use crate::state::State;
use crate::stored::Preview;
use carapace_effect::{OpId, RunId};

impl State {
    /// Applies a fact about what is shown; others say nothing about it.
    pub(super) fn preview(&mut self, record: &Record) {
        match record {
            Record::Previewing(previewing) => self.previewing(previewing),
            Record::Previewed(previewed) => self.change_preview(previewed.run, &previewed.op, |preview| {
                preview.message.clone_from(&previewed.message);
            }),
            Record::PreviewTaken(taken) => self.change_preview(taken.run, &taken.op, |preview| {
                preview.taken = Some(taken.taken.clone());
            }),
            _ => {}
        }
    }

    /// A task shows one thing at a time.
    fn previewing(&mut self, previewing: &Previewing) {
        let Some(run) = self.runs.get_mut(previewing.run) else { return };
        run.previews.retain(|before| before.taken.is_some() || before.op.task != previewing.op.task);
        run.previews.push(Preview { op: previewing.op.clone(), message: None, taken: None });
    }

    fn change_preview(&mut self, run: RunId, op: &OpId, change: impl FnOnce(&mut Preview)) {
        let run = self.runs.get_mut(run);
        if let Some(preview) = run.and_then(|run| run.previews.iter_mut().find(|preview| preview.op == *op)) {
            change(preview);
        }
    }

    /// The operation that took a preview has its outcome: whoever performed it has seen to what was shown.
    pub(super) fn preview_over(&mut self, run: RunId, taken: &OpId) {
        if let Some(run) = self.runs.get_mut(run)
            && !run.previews.is_empty()
        {
            run.previews.retain(|preview| preview.taken.as_ref() != Some(taken));
        }
    }

    /// Nothing of the operation ever leaves: the preview that it would have replaced is still shown.
    pub(super) fn preview_left(&mut self, run: RunId, taken: &OpId) {
        let Some(run) = self.runs.get_mut(run) else { return };
        for preview in &mut run.previews {
            if preview.taken.as_ref() == Some(taken) {
                preview.taken = None;
            }
        }
    }
}
