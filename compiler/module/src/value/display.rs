//! The canonical text of a value, as interpolation shows it.

use super::Value;
use crate::{Type, TypeKind, TypeTable};
use std::fmt::Write;

/// The text of a value of that type: tags by name, lists with commas, records as their JSON.
pub fn display(value: &Value, ty: &Type, types: &TypeTable) -> String {
    let mut text = String::new();
    write_value(&mut text, value, ty, types);
    text
}

fn write_value(out: &mut String, value: &Value, ty: &Type, types: &TypeTable) {
    match (value, ty) {
        (Value::None, _) => out.push_str("none"),
        (_, Type::Optional(inner)) => write_value(out, value, inner, types),
        (Value::List(list), _) => {
            let item = if let Type::List(item) = ty { item.as_ref() } else { &Type::Error };
            for (i, value) in list.items.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                write_value(out, value, item, types);
            }
        }
        (Value::Tag(number), Type::Declared(id, _)) => {
            if let Some(TypeKind::Union(variants)) = types.get(*id).map(|d| &d.kind)
                && let Some(variant) = variants.get(*number as usize)
            {
                out.push_str(&variant.name);
            }
        }
        (Value::Record(_) | Value::TagWith(..) | Value::Map(_), _) => {
            match crate::json::to_json(value, ty, types) {
                Ok(json) => out.push_str(&json.to_string()),
                Err(_) => out.push('…'),
            }
        }
        _ => write_scalar(out, value),
    }
}

fn write_scalar(out: &mut String, value: &Value) {
    // Writing to a string cannot fail.
    let _ = match value {
        Value::Bool(b) => write!(out, "{b}"),
        Value::Int(i) => write!(out, "{i}"),
        Value::Number(d) => write!(out, "{d}"),
        Value::Time(t) => write!(out, "{}", time_text(*t)),
        Value::Date(d) => write!(out, "{}", date_text(*d)),
        Value::Duration(d) => write!(out, "{}", duration_text(*d)),
        Value::Money(m) => write!(out, "{m}"),
        Value::Text(t) | Value::Regex(t) => write!(out, "{}", t.0),
        Value::Secret(t) => write!(out, "secret {}", t.0),
        Value::Bytes(b) => write!(out, "{} bytes", b.len()),
        Value::Json(j) => match j.as_ref() {
            serde_json::Value::String(s) => write!(out, "{s}"),
            other => write!(out, "{other}"),
        },
        Value::Tag(n) => write!(out, "#{n}"),
        _ => Ok(()),
    };
}

/// RFC 3339 in UTC: `2026-11-24T05:00:00Z`, with milliseconds only where there are some.
pub(crate) fn time_text(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map_or_else(|_| format!("{ms}ms"), |t| t.to_string())
}

/// `2026-11-24`.
pub(crate) fn date_text(days: i32) -> String {
    jiff::civil::date(1970, 1, 1)
        .checked_add(jiff::Span::new().days(days.clamp(-4_000_000, 2_900_000)))
        .map_or_else(|_| format!("{days}d"), |d| d.to_string())
}

/// `1d 2h`, `15m`, `1.5s` is `1s 500ms`, nothing is `0ms`.
pub fn duration_text(ms: i64) -> String {
    let mut rest = ms.unsigned_abs();
    let mut parts = Vec::new();
    for (unit, size) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)] {
        if rest >= size {
            parts.push(format!("{}{unit}", rest / size));
            rest %= size;
        }
    }
    if parts.is_empty() {
        return "0ms".to_owned();
    }
    format!("{}{}", if ms < 0 { "-" } else { "" }, parts.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_written() {
        assert_eq!(duration_text(15 * 60_000), "15m");
        assert_eq!(duration_text(90_061_001), "1d 1h 1m 1s 1ms");
        assert_eq!(duration_text(-1_500), "-1s 500ms");
        assert_eq!(time_text(0), "1970-01-01T00:00:00Z");
        assert_eq!(date_text(-1), "1969-12-31");
    }
}
