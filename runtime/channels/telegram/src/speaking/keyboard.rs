//! Buttons below a message.

use crate::memory::Memory;
use carapace_channel_api::{Button, Outcome, RefusalKind};
use teloxide::types::{InlineKeyboardButton, InlineKeyboardMarkup};

/// Buttons below one message (Bot API).
const MOST: usize = 100;

/// Buttons in a row, and letters on all of them, that a phone shows without cutting.
const ROW: (usize, usize) = (4, 28);

/// The keyboard of these buttons; none where there are none.
pub(super) async fn keyboard(
    buttons: &[Button],
    memory: &Memory,
) -> Result<Option<InlineKeyboardMarkup>, Outcome> {
    if buttons.is_empty() {
        return Ok(None);
    }
    if buttons.len() > MOST {
        let message = format!("a message of Telegram has at most {MOST} buttons, not {}", buttons.len());
        return Err(Outcome::refused(RefusalKind::Invalid, message));
    }
    let ids: Vec<_> = buttons.iter().map(|button| button.id.clone()).collect();
    let data = memory.data(&ids).await.map_err(|error| Outcome::NotPerformed {
        message: format!("the choices cannot be written down: {error}"),
    })?;
    let mut rows: Vec<Vec<InlineKeyboardButton>> = Vec::new();
    let mut letters = 0;
    for (button, data) in buttons.iter().zip(data) {
        let key = InlineKeyboardButton::callback(button.label.clone(), data);
        let wide = button.label.chars().count();
        match rows.last_mut() {
            Some(row) if row.len() < ROW.0 && letters + wide <= ROW.1 => {
                row.push(key);
                letters += wide;
            }
            _ => {
                rows.push(vec![key]);
                letters = wide;
            }
        }
    }
    Ok(Some(InlineKeyboardMarkup::new(rows)))
}
