//! The bytes of files, for networks that have to be given them.

use crate::attempt::Attempt;
use crate::outbound::Plan;
use carapace_channel_api::{Attachment, FetchError, File, MediaSource, Operation, Outbound};
use carapace_effect::{Failure, FailureKind, Kind};

impl Attempt {
    /// Brings the bytes of files that are elsewhere. A file of another account has to be had; one at an address can be shown
    /// as its address where it cannot.
    pub(crate) async fn bring(&self, plan: &mut Plan, kind: Option<&Kind>) -> Result<(), Failure> {
        let elsewhere = std::mem::take(&mut plan.elsewhere);
        let Some(Outbound { operation: Operation::Send { content, .. }, .. }) = plan.requests.first_mut()
        else {
            return Ok(());
        };
        for (at, account) in elsewhere {
            if let Some(attachment) = content.attachments.get_mut(at) {
                self.carry(account.as_str(), attachment).await?;
            }
        }
        // Such a network takes files, and asks no address for them.
        if kind.is_some_and(|kind| kind.can("media") && !kind.can("media by url")) {
            for attachment in &mut content.attachments {
                self.fetch(attachment).await;
            }
        }
        Ok(())
    }

    async fn carry(&self, account: &str, attachment: &mut Attachment) -> Result<(), Failure> {
        let gone = |message: String| Failure::new(FailureKind::Unavailable, message);
        let why = |e: FetchError| match e {
            FetchError::Unavailable { .. } => Failure::new(FailureKind::Transient, e.to_string()),
            FetchError::Refused { .. } => Failure::new(FailureKind::Refused, e.to_string()),
            other => gone(other.to_string()),
        };
        let channel = self
            .channels
            .get(account)
            .ok_or_else(|| gone(format!("the file's account `{account}` is not here any more")))?;
        let scratch = self.scratch.as_ref().ok_or_else(|| gone("files cannot be brought here".to_owned()))?;
        let mut into = scratch.begin(self.options.file_bytes).await.map_err(why)?;
        channel.fetch(&attachment.source, &mut into).await.map_err(why)?;
        let held = into.finish().await.map_err(why)?;
        let media_type = self.media.look(&held, &attachment.media_type).await.map_err(why)?;
        bring(attachment, File { held, media_type });
        Ok(())
    }

    async fn fetch(&self, attachment: &mut Attachment) {
        let MediaSource::Url { url } = &attachment.source else { return };
        let fetching = self.media.fetch(url, &attachment.media_type, self.options.file_bytes);
        match tokio::time::timeout(self.options.file_time, fetching).await {
            Ok(Ok(file)) => bring(attachment, file),
            Ok(Err(e)) => tracing::info!("a file is shown as its address: {e}"),
            Err(_) => tracing::info!("a file is shown as its address: it did not come in time"),
        }
    }
}

/// From here on the attachment is this file.
fn bring(attachment: &mut Attachment, file: File) {
    attachment.media_type = file.media_type;
    attachment.size = Some(file.held.size());
    attachment.source = MediaSource::Held { file: file.held };
}
