//! Files on their way: where they lie, who brings them and looks at them.

use crate::problem::Problem;
use carapace_channel_api::{Channel, Scratch};
use carapace_config::MediaConfig;
use carapace_delivery::{Handle, Options, Service};
use carapace_effect::Report;
use carapace_net::{Bounds, Client, Files};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedSender;

/// The folder, in the data directory. What lies in it is erased at each start.
const FOLDER: &str = "temporary";

/// Files on their way.
#[derive(Clone)]
pub(crate) struct Media {
    pub(crate) scratch: Scratch,
    pub(crate) files: Arc<Files>,
    said: MediaConfig,
}

impl Media {
    /// Opens the folder and empties it: whoever opens it has the data directory for themselves.
    pub(crate) fn open(data: &Path, said: MediaConfig, client: Arc<Client>) -> Result<Media, Problem> {
        let folder = data.join(FOLDER);
        let scratch = Scratch::open(&folder, said.together).map_err(|error| {
            let folder = folder.display();
            Problem::new(
                "E1150",
                format!("`{folder}`, where files lie on their way, cannot be emptied: {error}"),
            )
            .help("give the user who runs this the right to write there; nothing in it is needed any more")
        })?;
        let bounds = Bounds { pixels: said.pixels, preview: said.preview };
        let files = Arc::new(Files::new(client, scratch.clone(), bounds));
        Ok(Media { scratch, files, said })
    }

    /// Bytes of the largest file.
    pub(crate) fn largest(&self) -> u64 {
        self.said.file
    }

    /// Delivery to these channels, which brings files.
    pub(crate) fn delivery(
        self,
        channels: impl IntoIterator<Item = Arc<dyn Channel>>,
        reports: UnboundedSender<Report>,
    ) -> (Service, Handle) {
        let options = Options {
            file_bytes: self.said.file,
            file_time: Duration::from_millis(self.said.patience),
            ..Options::default()
        };
        let (service, handle) = Service::new(options, channels, reports);
        (service.with_media(self.files, self.scratch), handle)
    }
}
