//! Bytes: variable-length integers, texts, values. One form for each value, so equal values are equal bytes.

use crate::value::{Decimal, List, MAX_DEPTH, Map, MoneyValue, Text, Value};
use std::sync::Arc;

/// Why bytes cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// They end too early.
    #[error("the bytes end too early")]
    End,
    /// They are not in the one allowed form.
    #[error("the bytes are not in canonical form: {0}")]
    Form(&'static str),
}

/// Writes.
#[derive(Debug, Default)]
pub struct Writer {
    /// What was written.
    pub bytes: Vec<u8>,
}

impl Writer {
    /// An unsigned integer, seven bits a byte, low ones first.
    pub fn uint(&mut self, mut n: u64) {
        while n >= 0x80 {
            self.bytes.push((n & 0x7f) as u8 | 0x80);
            n >>= 7;
        }
        self.bytes.push(n as u8);
    }

    /// A length or an index.
    pub fn len(&mut self, n: usize) {
        self.uint(n as u64);
    }

    /// A signed integer, small ones short.
    pub fn int(&mut self, n: i64) {
        self.uint(((n << 1) ^ (n >> 63)) as u64);
    }

    /// One byte.
    pub fn byte(&mut self, b: u8) {
        self.bytes.push(b);
    }

    /// Yes or no.
    pub fn flag(&mut self, b: bool) {
        self.bytes.push(u8::from(b));
    }

    /// Bytes with their length.
    pub fn blob(&mut self, bytes: &[u8]) {
        self.len(bytes.len());
        self.bytes.extend_from_slice(bytes);
    }

    /// A text with its length.
    pub fn text(&mut self, text: &str) {
        self.blob(text.as_bytes());
    }

    /// Values with their number.
    pub fn values(&mut self, values: &[Value]) {
        self.len(values.len());
        for value in values {
            self.value(value);
        }
    }

    /// A value.
    pub fn value(&mut self, value: &Value) {
        match value {
            Value::None => self.byte(0),
            Value::Bool(false) => self.byte(1),
            Value::Bool(true) => self.byte(2),
            Value::Int(i) => self.tagged(3, *i),
            Value::Number(d) => {
                self.tagged(4, d.mantissa);
                self.byte(d.scale);
            }
            Value::Time(t) => self.tagged(5, *t),
            Value::Date(d) => self.tagged(6, i64::from(*d)),
            Value::Duration(d) => self.tagged(7, *d),
            Value::Money(m) => {
                self.tagged(8, m.mantissa);
                self.byte(m.scale);
                self.bytes.extend_from_slice(&{ m.currency });
            }
            Value::Text(t) => self.tagged_text(9, &t.0),
            Value::Bytes(b) => {
                self.byte(10);
                self.blob(b);
            }
            Value::List(l) => {
                self.byte(11);
                self.values(&l.items);
            }
            Value::Map(m) => {
                self.byte(12);
                self.len(m.entries.len());
                for (k, v) in &m.entries {
                    self.value(k);
                    self.value(v);
                }
            }
            Value::Record(l) => {
                self.byte(13);
                self.values(&l.items);
            }
            Value::Tag(n) => {
                self.byte(14);
                self.uint(u64::from(*n));
            }
            Value::TagWith(n, l) => {
                self.byte(15);
                self.uint(u64::from(*n));
                self.values(&l.items);
            }
            Value::Json(j) => self.tagged_text(16, &j.to_string()),
            Value::Regex(t) => self.tagged_text(17, &t.0),
            Value::Secret(t) => self.tagged_text(18, &t.0),
            Value::Closure(n, l) => {
                self.byte(19);
                self.uint(u64::from(*n));
                self.values(&l.items);
            }
        }
    }

    fn tagged(&mut self, tag: u8, n: i64) {
        self.byte(tag);
        self.int(n);
    }

    fn tagged_text(&mut self, tag: u8, text: &str) {
        self.byte(tag);
        self.text(text);
    }
}

/// Reads what [`Writer`] wrote; anything else is an error, and never takes more memory than a few times its bytes.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// From these bytes.
    pub const fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { rest: bytes }
    }

    /// Whether all was read.
    pub const fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    /// So many bytes.
    pub fn take(&mut self, n: usize) -> Result<&'a [u8], Error> {
        let (head, rest) = self.rest.split_at_checked(n).ok_or(Error::End)?;
        self.rest = rest;
        Ok(head)
    }

    /// One byte.
    pub fn byte(&mut self) -> Result<u8, Error> {
        let (first, rest) = self.rest.split_first().ok_or(Error::End)?;
        self.rest = rest;
        Ok(*first)
    }

    /// Yes or no.
    pub fn flag(&mut self) -> Result<bool, Error> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Error::Form("flag")),
        }
    }

    /// An unsigned integer.
    pub fn uint(&mut self) -> Result<u64, Error> {
        let mut n = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let part = u64::from(byte & 0x7f);
            if shift == 63 && part > 1 {
                return Err(Error::Form("integer too large"));
            }
            n |= part << shift;
            if byte < 0x80 {
                return if byte == 0 && shift > 0 { Err(Error::Form("integer too long")) } else { Ok(n) };
            }
        }
        Err(Error::Form("integer too long"))
    }

    /// An unsigned integer of at most 32 bits.
    pub fn u32(&mut self) -> Result<u32, Error> {
        u32::try_from(self.uint()?).map_err(|_| Error::Form("integer too large"))
    }

    /// An unsigned integer of at most 16 bits.
    pub fn u16(&mut self) -> Result<u16, Error> {
        u16::try_from(self.uint()?).map_err(|_| Error::Form("integer too large"))
    }

    /// A signed integer.
    pub fn int(&mut self) -> Result<i64, Error> {
        let n = self.uint()?;
        Ok((n >> 1) as i64 ^ -((n & 1) as i64))
    }

    /// A number of things that take at least a byte each.
    pub fn count(&mut self) -> Result<usize, Error> {
        let n = usize::try_from(self.uint()?).map_err(|_| Error::End)?;
        if n > self.rest.len() { Err(Error::End) } else { Ok(n) }
    }

    /// Bytes with their length.
    pub fn blob(&mut self) -> Result<&'a [u8], Error> {
        let n = self.count()?;
        self.take(n)
    }

    /// A text with its length.
    pub fn text(&mut self) -> Result<&'a str, Error> {
        std::str::from_utf8(self.blob()?).map_err(|_| Error::Form("text"))
    }

    /// Values with their number.
    pub fn values(&mut self) -> Result<Vec<Value>, Error> {
        self.values_at(0)
    }

    /// A value.
    pub fn value(&mut self) -> Result<Value, Error> {
        self.value_at(0)
    }

    fn values_at(&mut self, depth: u16) -> Result<Vec<Value>, Error> {
        let n = self.count()?;
        let mut values = Vec::with_capacity(n.min(1024));
        for _ in 0..n {
            values.push(self.value_at(depth)?);
        }
        Ok(values)
    }

    fn list_at(&mut self, depth: u16) -> Result<Arc<List>, Error> {
        Ok(Arc::new(List::new(self.values_at(depth + 1)?)))
    }

    fn shared_text(&mut self) -> Result<Arc<Text>, Error> {
        Ok(Arc::new(Text(self.text()?.into())))
    }

    fn value_at(&mut self, depth: u16) -> Result<Value, Error> {
        if depth > MAX_DEPTH {
            return Err(Error::Form("nested too deep"));
        }
        Ok(match self.byte()? {
            0 => Value::None,
            1 => Value::Bool(false),
            2 => Value::Bool(true),
            3 => Value::Int(self.int()?),
            4 => Value::Number(self.decimal()?),
            5 => Value::Time(self.int()?),
            6 => Value::Date(i32::try_from(self.int()?).map_err(|_| Error::Form("date"))?),
            7 => Value::Duration(self.int()?),
            8 => {
                let amount = self.decimal()?;
                let code = self.take(3)?;
                let currency: [u8; 3] = code.try_into().map_err(|_| Error::Form("currency"))?;
                if !currency.iter().all(u8::is_ascii_uppercase) {
                    return Err(Error::Form("currency"));
                }
                Value::Money(MoneyValue::new(amount, currency))
            }
            9 => Value::Text(self.shared_text()?),
            10 => Value::bytes(self.blob()?.to_vec()),
            11 => Value::List(self.list_at(depth)?),
            12 => {
                let n = self.count()?;
                let mut map = Map::new([]);
                for _ in 0..n {
                    let key = self.value_at(depth + 1)?;
                    if map.get(&key).is_some() {
                        return Err(Error::Form("a key twice"));
                    }
                    let value = self.value_at(depth + 1)?;
                    map.insert(key, value);
                }
                Value::Map(Arc::new(map))
            }
            13 => Value::Record(self.list_at(depth)?),
            14 => Value::Tag(self.u32()?),
            15 => Value::TagWith(self.u32()?, self.list_at(depth)?),
            16 => Value::json(serde_json::from_str(self.text()?).map_err(|_| Error::Form("JSON"))?),
            17 => Value::Regex(self.shared_text()?),
            18 => Value::Secret(self.shared_text()?),
            19 => Value::Closure(self.u32()?, self.list_at(depth)?),
            _ => return Err(Error::Form("tag of a value")),
        })
    }

    fn decimal(&mut self) -> Result<Decimal, Error> {
        let d = Decimal { mantissa: self.int()?, scale: self.byte()? };
        let canonical = d.scale == 0 || (d.scale <= 18 && { d.mantissa } % 10 != 0);
        if canonical { Ok(d) } else { Err(Error::Form("number")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_survive() {
        let value = Value::record(vec![
            Value::Int(i64::MIN),
            Value::Int(-1),
            Value::Number(Decimal::parse("12.75").unwrap()),
            Value::map([(Value::text("a"), Value::tag(3, vec![Value::None]))]),
            Value::json(serde_json::json!({"x": [1, 2.5, "y"]})),
            Value::Money(MoneyValue::parse("1.5 USD").unwrap()),
        ]);
        let mut writer = Writer::default();
        writer.value(&value);
        let mut reader = Reader::new(&writer.bytes);
        assert_eq!(reader.value(), Ok(value));
        assert!(reader.is_done());
        for cut in 0..writer.bytes.len() {
            assert!(Reader::new(&writer.bytes[..cut]).value().is_err());
        }
    }
}
