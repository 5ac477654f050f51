//! WebChat as a channel.

use crate::hub::Hub;
use crate::{Options, page, pump, routes};
use async_trait::async_trait;
use carapace_channel_api::{
    AccountId, Channel, ConversationId, Ended, Error, FetchError, Filling, Finding, Forgotten, Health,
    MediaSource, Mount, Outbound, Outcome, Shutdown, Sink, Status, StatusCell, UserId,
};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{mpsc, watch};

/// One WebChat.
pub struct WebChat {
    hub: Arc<Hub>,
    woken: Mutex<Option<mpsc::UnboundedReceiver<ConversationId>>>,
    status: StatusCell,
}

impl WebChat {
    /// Opens or creates it in its data directory.
    pub fn open(options: Options) -> Result<WebChat, Error> {
        let account = options.account.clone();
        let plain = |name: &str| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        };
        if let Some(room) = options.rooms.iter().find(|room| !plain(&room.name)) {
            let message =
                format!("a room's name is letters, digits, `-` and `_`, which `{}` is not", room.name);
            return Err(Error::Options { account, message });
        }
        for (name, sites) in [("origins", &options.origins), ("frames", &options.frames)] {
            // An origin is compared, letter by letter; only a policy knows what `*.` means.
            let fits = |site: &str| page::is_site(site) && (name == "frames" || !site.contains('*'));
            if let Some(site) = sites.iter().find(|site| !fits(site)) {
                let message =
                    format!("`{name}` lists sites such as `https://shop.example`, which `{site}` is not");
                return Err(Error::Options { account, message });
            }
        }
        let action = format!("cannot use `{}`", options.data.display());
        let (hub, woken) = Hub::open(options).map_err(|source| Error::Io { account, action, source })?;
        Ok(WebChat { hub: Arc::new(hub), woken: Mutex::new(Some(woken)), status: StatusCell::default() })
    }
}

#[async_trait]
impl Channel for WebChat {
    fn kind(&self) -> &'static str {
        "webchat"
    }

    fn account(&self) -> &AccountId {
        &self.hub.options.account
    }

    async fn run(&self, sink: Arc<dyn Sink>, shutdown: Shutdown) -> Result<Ended, Error> {
        let taken = self.woken.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut woken) = taken else {
            return Err(Error::Running { account: self.account().clone() });
        };
        // One that begins anew lets pages in again.
        self.hub.closing.send_replace(false);
        let closing = async {
            shutdown.requested().await;
            // No page gets anything more in from here on; what is in is pushed below.
            self.hub.closing.send_replace(true);
        };
        tokio::join!(pump::run(&self.hub, &sink, &mut woken, &self.status, &shutdown), closing);
        *self.woken.lock().unwrap_or_else(PoisonError::into_inner) = Some(woken);
        self.status.set(Health::Stopped);
        Ok(Ended::Asked)
    }

    async fn perform(&self, request: Outbound) -> Outcome {
        self.hub.perform(&request).await
    }

    fn status(&self) -> watch::Receiver<Status> {
        self.status.watch()
    }

    async fn check(&self) -> Vec<Finding> {
        let folder = &self.hub.options.data;
        let finding = match std::fs::metadata(folder.join("logs")) {
            Ok(there) if there.permissions().readonly() => Finding::wrong(
                format!("`{}` is not writable: nothing that visitors say can be kept", folder.display()),
                "give the user who runs this the right to write there",
            ),
            Ok(_) => Finding::fine(format!("it is a page of its own, at `{}/`", self.hub.options.path)),
            Err(error) => Finding::wrong(
                format!("`{}` cannot be read: {error}", folder.display()),
                "the folder was made when the account was opened: put it back, or start the runtime again",
            ),
        };
        vec![finding]
    }

    async fn fetch(&self, source: &MediaSource, into: &mut Filling) -> Result<(), FetchError> {
        let MediaSource::Platform { reference } = source else { return Err(FetchError::Unsupported) };
        let id = reference.get("file").and_then(|id| id.as_str()).unwrap_or_default();
        let file = self.hub.index.file(id).ok_or(FetchError::NotFound)?;
        into.expect(file.size)?;
        self.hub.files.bring(&file.id, into).await
    }

    async fn forget(&self, person: &UserId, dry_run: bool) -> Result<Option<Forgotten>, Error> {
        self.hub.forget(person, dry_run).await.map(Some).map_err(|source| Error::Io {
            account: self.account().clone(),
            action: "what it keeps of a visitor cannot be erased".to_owned(),
            source,
        })
    }

    fn http(&self) -> Option<Mount> {
        let path = self.hub.options.path.clone();
        let page = Some(format!("{path}/"));
        Some(Mount { router: routes::router(self.hub.clone()), page, path, host: None })
    }
}
