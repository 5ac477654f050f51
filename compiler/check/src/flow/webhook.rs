//! Webhooks, judged when compiled: paths, methods, and how requests prove where they come from.

use super::trigger_args::Given;
use crate::code;
use crate::infer::Body;
use crate::tree::{Expr, ExprKind};
use carapace_diagnostic::TextRange;
use carapace_module::signature::TriggerSpec;
use carapace_module::{Type, TypeKind, Value};
use std::sync::Arc;

/// Hexadecimal digits of an Ed25519 public key (RFC 8032, section 5.1.5).
const PUBLIC_KEY: usize = 64;

/// A check, its secret, and what else it was given.
type Signature = ((Arc<str>, Arc<str>), Vec<(Arc<str>, Arc<str>)>);

/// What a check is given, by name.
type Fields = Vec<(Arc<str>, Expr)>;

impl Body<'_, '_> {
    pub(super) fn webhook(&mut self, args: &Given, body: Type) -> Option<TriggerSpec> {
        let (value, range) = args.get("path")?;
        let value = value.clone();
        let path = self.known_text(&value, "the path of a webhook")?;
        let good = path.starts_with('/')
            && !path.contains("//")
            && path.chars().all(|c| c.is_ascii_alphanumeric() || "/-_.~".contains(c));
        if !good {
            let told = self
                .told(code::WEBHOOK_PATH, range, format!("`{path}` is not the path of a webhook"))
                .help("begin with `/`, and use letters, digits, `-`, `_`, `.` and `/`");
            self.report(told);
            return None;
        }
        let method = self.method(args)?;
        let (signature, with) = match args.get("signature") {
            Some((value, range)) => {
                let value = value.clone();
                match self.signature(&value, range)? {
                    Some((signature, with)) => (Some(signature), with),
                    None => (None, Vec::new()),
                }
            }
            None => (None, Vec::new()),
        };
        Some(TriggerSpec::Webhook { path: Arc::from(path), method: Arc::from(method), body, signature, with })
    }

    fn method(&mut self, args: &Given) -> Option<String> {
        let Some((value, range)) = args.get("method") else { return Some("POST".to_owned()) };
        let value = value.clone();
        let method = self.known_text(&value, "the method of a webhook")?.to_uppercase();
        if !["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&method.as_str()) {
            let told = self
                .told(code::WEBHOOK_PATH, range, format!("a webhook is not called with `{method}`"))
                .help("use `GET`, `POST`, `PUT`, `PATCH` or `DELETE`");
            self.report(told);
            return None;
        }
        Some(method)
    }

    /// The check that was written; `Some(None)` where it is `none`. What is not known now would be no check at all, so that is
    /// refused.
    fn signature(&mut self, value: &Expr, range: TextRange) -> Option<Option<Signature>> {
        if value.ty == Type::Error {
            return None;
        }
        if matches!(value.kind, ExprKind::Const(Value::None)) {
            return Some(None);
        }
        let Some((name, fields)) = self.check_of(value) else {
            let told = self
                .told(
                    code::NOT_CONSTANT,
                    range,
                    "how requests are signed has to be known when this is compiled",
                )
                .help("write it here: `signature: github(secret(\"github_webhook\"))`");
            self.report(told);
            return None;
        };
        let (mut secret, mut with) = (Arc::from(""), Vec::new());
        for (field, value) in fields {
            match &value.kind {
                ExprKind::Const(Value::Secret(name)) => secret = Arc::from(&*name.0),
                ExprKind::Const(Value::None) => {}
                _ if value.ty == Type::Secret => {
                    let told = self
                        .told(
                            code::NOT_CONSTANT,
                            range,
                            "a webhook's secret has to be known when this is compiled",
                        )
                        .help("name it here: `secret(\"github_webhook\")`");
                    self.report(told);
                    return None;
                }
                _ => {
                    let text = self.known_text(&value, &format!("the `{field}` of a signature"))?;
                    self.fits_signature(&field, &text, range)?;
                    with.push((field, Arc::from(text)));
                }
            }
        }
        Some(Some(((name, secret), with)))
    }

    /// The name of a check, and what it was given, by name.
    fn check_of(&self, value: &Expr) -> Option<(Arc<str>, Fields)> {
        let ExprKind::Tag(tag, given) = &value.kind else { return None };
        let ty = match &value.ty {
            Type::Optional(inner) => inner,
            other => other,
        };
        let Type::Declared(id, _) = ty else { return None };
        let TypeKind::Union(tags) = &self.cx.program.types.get(*id)?.kind else { return None };
        let variant = tags.get(*tag as usize)?;
        let names = variant.fields.iter().map(|field| field.name.clone());
        Some((variant.name.clone(), names.zip(given.iter().cloned()).collect()))
    }

    /// Whether what a check was given can be what it is meant to be.
    fn fits_signature(&mut self, field: &str, text: &str, range: TextRange) -> Option<()> {
        // RFC 9110, section 5.1.
        let letter = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
        let (good, what, help) = match field {
            "header" => {
                let good = !text.is_empty() && text.bytes().all(letter);
                (good, "no header's name", "write one such as `X-Signature`")
            }
            "public_key" => {
                let good = text.len() == PUBLIC_KEY && text.bytes().all(|b| b.is_ascii_hexdigit());
                (good, "no public key", "a public key is 64 hexadecimal digits, as the service shows it")
            }
            _ => return Some(()),
        };
        if good {
            return Some(());
        }
        let told = self.told(code::SIGNATURE, range, format!("`{text}` is {what}")).help(help);
        self.report(told);
        None
    }
}
