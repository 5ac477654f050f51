//! Telegram bots.
