//! What natives answer: the cases that the library's own tests do not have.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use carapace_module::{Decimal, MoneyValue, Value};
use carapace_natives::{Error, lookup};

fn call(name: &str, args: &[Value]) -> Result<Value, Error> {
    (lookup(name, 1).unwrap_or_else(|| panic!("{name}")).body)(args)
}

fn t(text: &str) -> Value {
    Value::text(text)
}

fn texts(items: &[&str]) -> Value {
    Value::list(items.iter().map(|s| t(s)).collect())
}

fn n(text: &str) -> Value {
    Value::Number(Decimal::parse(text).unwrap())
}

#[test]
fn letters_are_what_a_reader_counts() {
    assert_eq!(call("text.length", &[t("naïve 👩‍🚀")]), Ok(Value::Int(7)));
    assert_eq!(call("text.slice", &[t("a👩‍🚀b"), Value::Int(1), Value::Int(2)]), Ok(t("👩‍🚀")));
    assert_eq!(call("text.slice", &[t("abc"), Value::Int(-3), Value::Int(99)]), Ok(t("abc")));
    assert_eq!(call("text.slice", &[t("abc"), Value::Int(2), Value::Int(1)]), Ok(t("")));
    assert_eq!(call("text.index_of", &[t("äb"), t("b")]), Ok(Value::Int(1)));
    assert_eq!(call("text.split", &[t("abc"), t("")]), Ok(texts(&["abc"])));
    assert_eq!(call("text.to_int", &[t("+4")]), Ok(Value::None));
}

#[test]
fn nothing_grows_without_bound() {
    let many = t(&"a".repeat(100_000));
    assert_eq!(call("text.replace", &[many.clone(), t("a"), many.clone()]), Err(Error::TooLarge));
    let pattern = Value::Regex(std::sync::Arc::new(carapace_module::Text("a".into())));
    assert_eq!(call("regex.replace_all", &[many.clone(), pattern, many]), Err(Error::TooLarge));
}

#[test]
fn lists_sort_by_their_order_and_stay_stable() {
    let list = Value::list(vec![Value::Int(3), Value::Int(-1), Value::Int(2)]);
    let sorted = Value::list(vec![Value::Int(-1), Value::Int(2), Value::Int(3)]);
    assert_eq!(call("list.sort", std::slice::from_ref(&list)), Ok(sorted));
    assert_eq!(call("list.sort_like", &[texts(&["c", "a", "b"]), list]), Ok(texts(&["a", "b", "c"])));
    let money = |m: &str| Value::Money(MoneyValue::parse(m).unwrap());
    assert!(call("list.sort", &[Value::list(vec![money("1 EUR"), money("1 USD")])]).is_err());
    let doubled = Value::list(vec![Value::Int(1), Value::Int(1)]);
    assert_eq!(call("list.distinct", &[doubled]), Ok(Value::list(vec![Value::Int(1)])));
}

#[test]
fn numbers_round_half_to_even() {
    assert_eq!(call("number.round", &[n("2.345"), Value::Int(2)]), Ok(n("2.34")));
    assert_eq!(call("number.floor", &[n("-2.1")]), Ok(Value::Int(-3)));
    assert_eq!(call("number.ceil", &[n("-2.1")]), Ok(Value::Int(-2)));
    assert_eq!(call("number.fixed", &[n("3.5"), Value::Int(2)]), Ok(t("3.50")));
    assert_eq!(call("number.fixed", &[n("3"), Value::Int(1)]), Ok(t("3.0")));
}

#[test]
fn clocks_differ_by_zone_and_gaps_have_no_time() {
    let civil = |h: i64, zone: &str| {
        let numbers = [2026, 3, 29, h, 30, 0];
        let mut args: Vec<Value> = numbers.iter().map(|n| Value::Int(*n)).collect();
        args.push(t(zone));
        call("time.from_civil", &args)
    };
    assert_eq!(civil(2, "Europe/Berlin"), Ok(Value::None));
    assert_eq!(civil(2, "UTC"), call("time.moment", &[t("2026-03-29T02:30:00Z")]));
    assert!(civil(2, "Mars/Olympus").is_err());
    assert_eq!(call("time.parse", &[t("tomorrow")]), Ok(Value::None));
    let day = call("date.parse_date", &[t("2026-12-24")]).unwrap();
    assert_eq!(day, Value::Date(20_811));
    assert_eq!(
        call("date.begins", &[day, t("Europe/Berlin")]),
        call("time.moment", &[t("2026-12-23T23:00:00Z")])
    );
}

#[test]
fn bytes_hashes_and_addresses() {
    let abc = call("bytes.to_bytes", &[t("abc")]).unwrap();
    let hash = call("crypto.sha256", std::slice::from_ref(&abc)).unwrap();
    assert!(call("bytes.hex", &[hash]).unwrap().as_text().unwrap().starts_with("ba7816bf8f01cfea"));
    assert_eq!(call("bytes.from_base64", &[t("YWJj")]), Ok(abc.clone()));
    assert_eq!(call("bytes.from_hex", &[t("6")]), Ok(Value::None));
    assert_eq!(call("crypto.equal", &[abc.clone(), abc]), Ok(Value::Bool(true)));
    assert_eq!(call("url.decode", &[t("%ff")]), Ok(Value::None));
    assert_eq!(call("url.decode", &[t("%4")]), Ok(Value::None));
    assert_eq!(call("url.encode", &[t("ä b")]), Ok(t("%C3%A4%20b")));
}

#[test]
fn json_of_what_names_itself() {
    let map = Value::map([(t("a"), Value::list(vec![Value::Int(1), Value::None]))]);
    let json = call("json.to_json", &[map]).unwrap();
    assert_eq!(call("json.encode", &[json]), Ok(t("{\"a\":[1,null]}")));
    assert!(call("json.to_json", &[Value::record(vec![])]).is_err());
    assert_eq!(call("json.parse_json", &[t("{nonsense")]), Ok(Value::None));
}
