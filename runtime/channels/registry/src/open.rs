//! The channels of this binary.

use crate::{Error, Settings, Surroundings};
use carapace_channel_api::{AccountId, Channel};
use std::sync::Arc;

/// The kinds that this binary was built with.
pub const KINDS: &[&str] = &[
    #[cfg(feature = "terminal")]
    "terminal",
    #[cfg(feature = "webchat")]
    "webchat",
    #[cfg(feature = "telegram")]
    "telegram",
];

/// The channel of an account.
pub fn open(
    account: AccountId,
    settings: &Settings,
    surroundings: &Surroundings,
) -> Result<Arc<dyn Channel>, Error> {
    check_name(&account)?;
    match settings {
        Settings::Terminal(settings) => terminal(account, settings, surroundings),
        Settings::Webchat(settings) => webchat(account, settings, surroundings),
        Settings::Telegram(settings) => telegram(account, settings, surroundings),
    }
}

/// Whether an account's name can be that of its folder.
fn check_name(account: &AccountId) -> Result<(), Error> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if account.as_str().is_empty() || !account.as_str().chars().all(plain) {
        return Err(Error::Name { account: account.clone() });
    }
    Ok(())
}

/// The channel of an account as it left its folder, by what it keeps there; none where it keeps nothing of anybody. It is good for
/// [`forget`](Channel::forget), and not for talking: no configuration says how.
///
/// # Errors
/// Where its files cannot be read, or this binary was built without its kind.
pub fn left(account: AccountId, surroundings: &Surroundings) -> Result<Option<Arc<dyn Channel>>, Error> {
    check_name(&account)?;
    let folder = surroundings.data.join("channels").join(account.as_str());
    let any = |names: &[&str]| names.iter().any(|name| folder.join(name).exists());
    let settings = if any(&["index.jsonl"]) {
        Settings::Webchat(crate::WebchatSettings::default())
    } else if any(&["access.json", "albums.json", "memory.json"]) {
        Settings::Telegram(crate::TelegramSettings::default())
    } else {
        return Ok(None);
    };
    open(account, &settings, surroundings).map(Some)
}

#[cfg(feature = "terminal")]
fn terminal(
    account: AccountId,
    settings: &crate::TerminalSettings,
    surroundings: &Surroundings,
) -> Result<Arc<dyn Channel>, Error> {
    use crate::Attended;
    use carapace_channel_terminal::{Input, Look, Options, Output, Prompt, Terminal};
    let mut options = Options::new(account.clone());
    options.files = Some(surroundings.data.join("channels").join(account.as_str()).join("files"));
    if let Some(person) = &settings.person {
        person.clone_into(&mut options.person);
    }
    let (input, output, look) = match surroundings.attended {
        Attended::Person { colour } => {
            let (input, output) = Prompt::open().map_err(|source| carapace_channel_api::Error::Io {
                account,
                action: "cannot show a prompt".to_owned(),
                source,
            })?;
            if let Some(announcer) = output.announcer() {
                // A second terminal of one process would share the first one's prompt.
                let _ = surroundings.announcer.set(announcer);
            }
            (input, output, Look::Screen { colour })
        }
        Attended::Input { screen: true, colour } => {
            (Input::stdin(), Output::stdout(), Look::Screen { colour })
        }
        Attended::Input { screen: false, .. } => (Input::stdin(), Output::stdout(), Look::Plain),
    };
    Ok(Arc::new(Terminal::new(options, input, output, look)))
}

#[cfg(not(feature = "terminal"))]
fn terminal(
    account: AccountId,
    _: &crate::TerminalSettings,
    _: &Surroundings,
) -> Result<Arc<dyn Channel>, Error> {
    Err(Error::NotBuilt { account, kind: "terminal" })
}

#[cfg(feature = "webchat")]
fn webchat(
    account: AccountId,
    settings: &crate::WebchatSettings,
    surroundings: &Surroundings,
) -> Result<Arc<dyn Channel>, Error> {
    use carapace_channel_webchat::{Options, Room, WebChat};
    let folder = surroundings.data.join("channels").join(account.as_str());
    let mut options = Options::new(account, folder);
    for (setting, option) in [
        (&settings.path, &mut options.path),
        (&settings.title, &mut options.title),
        (&settings.greeting, &mut options.greeting),
    ] {
        if let Some(setting) = setting {
            setting.clone_into(option);
        }
    }
    options.origins.clone_from(&settings.origins);
    options.frames.clone_from(&settings.frames);
    let room = |room: &crate::RoomSettings| Room {
        name: room.name.clone(),
        title: room.title.clone().unwrap_or_else(|| room.name.clone()),
    };
    options.rooms = settings.rooms.iter().map(room).collect();
    options.limits.file = surroundings.file_bytes;
    options.media = surroundings.media.clone();
    options.scratch = Some(surroundings.scratch.clone());
    Ok(Arc::new(WebChat::open(options)?))
}

#[cfg(not(feature = "webchat"))]
fn webchat(
    account: AccountId,
    _: &crate::WebchatSettings,
    _: &Surroundings,
) -> Result<Arc<dyn Channel>, Error> {
    Err(Error::NotBuilt { account, kind: "webchat" })
}

#[cfg(feature = "telegram")]
fn telegram(
    account: AccountId,
    settings: &crate::TelegramSettings,
    surroundings: &Surroundings,
) -> Result<Arc<dyn Channel>, Error> {
    use carapace_channel_api::access::Rules;
    use carapace_channel_telegram::{Mode, Options, Telegram};
    let folder = surroundings.data.join("channels").join(account.as_str());
    let mut options = Options::new(account, folder, surroundings.secrets.clone(), settings.token.as_str());
    if let Some(server) = &settings.server {
        server.clone_into(&mut options.server);
    }
    if let Some(address) = &settings.webhook {
        options.mode = Mode::Webhook(address.clone());
    }
    options.access = Rules {
        direct: settings.direct.unwrap_or_default(),
        groups: settings.groups.unwrap_or_default(),
        people: settings.people.clone(),
        chats: settings.chats.clone(),
    };
    Ok(Arc::new(Telegram::open(options)?))
}

#[cfg(not(feature = "telegram"))]
fn telegram(
    account: AccountId,
    _: &crate::TelegramSettings,
    _: &Surroundings,
) -> Result<Arc<dyn Channel>, Error> {
    Err(Error::NotBuilt { account, kind: "telegram" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Attended;
    use carapace_channel_api::{NoMedia, Scratch};

    #[test]
    fn an_account_of_each_kind_opens() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().to_owned();
        let attended = Attended::Input { screen: false, colour: false };
        let secrets = Arc::new(carapace_channel_api::NoSecrets);
        let around = Surroundings {
            scratch: Scratch::open(data.join("temporary"), 1 << 20).unwrap(),
            media: Arc::new(NoMedia),
            file_bytes: 1 << 20,
            data,
            attended,
            secrets,
            announcer: Arc::default(),
        };
        for kind in KINDS {
            let settings: Settings = serde_json::from_value(serde_json::json!({ "kind": kind })).unwrap();
            let channel = open("main".into(), &settings, &around).unwrap();
            assert_eq!((channel.kind(), channel.account().as_str()), (*kind, "main"));
            assert!(matches!(open("../x".into(), &settings, &around), Err(Error::Name { .. })));
        }
        assert!(matches!(left("../x".into(), &around), Err(Error::Name { .. })));
        assert_eq!(left("main".into(), &around).unwrap().unwrap().kind(), "webchat");
        assert!(left("other".into(), &around).unwrap().is_none());
        std::fs::create_dir_all(around.data.join("channels/bot")).unwrap();
        std::fs::write(around.data.join("channels/bot/access.json"), r#"{"asking":[],"paired":[]}"#).unwrap();
        assert_eq!(left("bot".into(), &around).unwrap().unwrap().kind(), "telegram");
    }

    #[test]
    fn what_is_misspelt_is_not_passed_over() {
        let json = serde_json::json!({ "kind": "webchat", "titel": "Shop" });
        assert!(serde_json::from_value::<Settings>(json).is_err());
        let json = serde_json::json!({ "kind": "webchat", "title": "Shop", "rooms": [{ "name": "ops" }] });
        let Settings::Webchat(settings) = serde_json::from_value(json).unwrap() else { panic!() };
        assert_eq!(settings.rooms[0].name, "ops");
    }
}
