//! Which natives there are.

use crate::args::Answer;
use crate::{bytes, crypto, date, json, list, map, money, number, regex, tags, text, time, url};
use carapace_module::Value;

/// What a native does with its arguments.
pub type Body = fn(&[Value]) -> Answer;

/// How the work of a call grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// It does not: the answer is at hand, or the result is what was worked for.
    Constant,
    /// With its arguments: each is looked through.
    Linear,
}

/// A native.
#[derive(Debug, Clone, Copy)]
pub struct Native {
    /// `text.upper`: its module's last name and its own.
    pub name: &'static str,
    /// The version after `@`.
    pub version: u32,
    /// How many parameters it takes.
    pub params: u16,
    /// What a call costs whoever makes it.
    pub cost: Cost,
    /// What it does.
    pub body: Body,
}

/// The native of that name and version.
pub fn lookup(name: &str, version: u32) -> Option<&'static Native> {
    let at = NATIVES.binary_search_by(|n| (n.name, n.version).cmp(&(name, version))).ok()?;
    NATIVES.get(at)
}

const fn native(name: &'static str, version: u32, params: u16, body: Body) -> Native {
    Native { name, version, params, cost: Cost::Linear, body }
}

/// One whose answer is at hand.
const fn quick(name: &'static str, version: u32, params: u16, body: Body) -> Native {
    Native { name, version, params, cost: Cost::Constant, body }
}

/// All of them, by name and version.
pub static NATIVES: &[Native] = &[
    native("bytes.base64", 1, 1, bytes::base64),
    native("bytes.from_base64", 1, 1, bytes::from_base64),
    native("bytes.from_hex", 1, 1, bytes::from_hex),
    native("bytes.hex", 1, 1, bytes::hex),
    quick("bytes.size", 1, 1, bytes::size),
    native("bytes.to_bytes", 1, 1, bytes::to_bytes),
    native("bytes.to_text", 1, 1, bytes::to_text),
    native("crypto.equal", 1, 2, crypto::equal),
    native("crypto.hmac_sha256", 1, 2, crypto::hmac_sha256),
    native("crypto.sha256", 1, 1, crypto::sha256),
    native("date.begins", 1, 2, date::begins),
    native("date.day", 1, 3, date::day),
    native("date.days_since", 1, 2, date::days_since),
    native("date.parse_date", 1, 1, date::parse_date),
    native("date.parts", 1, 1, date::parts),
    native("duration.milliseconds", 1, 1, time::milliseconds),
    quick("json.bool", 1, 1, json::bool),
    native("json.encode", 1, 1, json::encode),
    native("json.fields", 1, 1, json::fields),
    quick("json.int", 1, 1, json::int),
    native("json.items", 1, 1, json::items),
    quick("json.number", 1, 1, json::number),
    native("json.parse_json", 1, 1, json::parse_json),
    quick("json.text", 1, 1, json::text),
    native("json.to_json", 1, 1, json::to_json),
    native("list.add", 1, 2, list::add),
    native("list.compare", 1, 2, list::compare),
    quick("list.count", 1, 1, list::count),
    native("list.distinct", 1, 1, list::distinct),
    native("list.grouped", 1, 2, list::grouped),
    native("list.join", 1, 2, list::join),
    native("list.reverse", 1, 1, list::reverse),
    quick("list.slice", 1, 3, list::slice),
    native("list.sort", 1, 1, list::sort),
    native("list.sort_like", 1, 2, list::sort_like),
    quick("map.count", 1, 1, map::count),
    native("map.keys", 1, 1, map::keys),
    native("map.put", 1, 3, map::put),
    native("map.values", 1, 1, map::values),
    native("map.without", 1, 2, map::without),
    native("money.amount", 1, 1, money::amount),
    native("money.currency", 1, 1, money::currency),
    native("money.money_of", 1, 2, money::money_of),
    native("number.ceil", 1, 1, number::ceil),
    native("number.fixed", 1, 2, number::fixed),
    native("number.floor", 1, 1, number::floor),
    native("number.round", 1, 2, number::round),
    native("regex.captures", 1, 2, regex::captures),
    native("regex.find_all", 1, 2, regex::find_all),
    native("regex.replace_all", 1, 3, regex::replace_all),
    native("regex.split_by", 1, 2, regex::split_by),
    native("tags.regex", 1, 2, tags::regex),
    native("tags.url_template", 1, 2, tags::url_template),
    native("text.index_of", 1, 2, text::index_of),
    native("text.length", 1, 1, text::length),
    native("text.letters", 1, 1, text::letters),
    native("text.lower", 1, 1, text::lower),
    native("text.replace", 1, 3, text::replace),
    native("text.slice", 1, 3, text::slice),
    native("text.split", 1, 2, text::split),
    native("text.to_int", 1, 1, text::to_int),
    native("text.to_number", 1, 1, text::to_number),
    native("text.trim", 1, 1, text::trim),
    native("text.upper", 1, 1, text::upper),
    native("text.words", 1, 1, text::words),
    native("time.civil", 1, 2, time::civil),
    native("time.date", 1, 2, time::date),
    native("time.format", 1, 3, time::format),
    native("time.from_civil", 1, 7, time::from_civil),
    native("time.from_unix", 1, 1, time::from_unix),
    native("time.moment", 1, 1, time::moment),
    native("time.parse", 1, 1, time::parse),
    native("url.decode", 1, 1, url::decode),
    native("url.encode", 1, 1, url::encode),
];
