//! An answer while it arrives: unpacked, and no more of it than is taken.

use crate::{Error, Limits};
use flate2::write::GzDecoder;
use reqwest::Response;
use reqwest::header::{CONTENT_ENCODING, HeaderMap};
use std::io::Write as _;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

/// So much is unpacked at a time: it becomes at most a thousand times as much before anybody looks.
const SLICE: usize = 1024;

/// An answer whose body is on its way.
pub(crate) struct Arriving {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// Who answers, for messages.
    pub(crate) place: String,
    pub(crate) response: Response,
    pub(crate) unpack: Option<GzDecoder<Vec<u8>>>,
    pub(crate) limits: Limits,
    pub(crate) until: Instant,
    /// Bytes that came, and bytes that they were.
    pub(crate) taken: (u64, u64),
    /// Its turn at the host.
    pub(crate) _turn: Option<OwnedSemaphorePermit>,
}

impl Arriving {
    /// What begins to arrive; an error where it is nothing that is taken.
    pub(crate) fn new(
        response: Response,
        place: String,
        limits: Limits,
        until: Instant,
        turn: Option<OwnedSemaphorePermit>,
    ) -> Result<Arriving, Error> {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let length: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
        if length > limits.headers {
            let taken = limits.headers;
            let message = format!("`{place}` answered with {length} bytes of headers; {taken} are taken");
            return Err(Error::unacceptable(status, message));
        }
        let encoding =
            headers.get(CONTENT_ENCODING).map(|value| value.to_str().unwrap_or("?").trim().to_lowercase());
        let unpack = match encoding.as_deref() {
            None | Some("" | "identity") => None,
            Some("gzip" | "x-gzip") => Some(GzDecoder::new(Vec::new())),
            Some(other) => {
                let other = other.escape_debug();
                let message =
                    format!("`{place}` answered in the encoding `{other}`, which it was not asked for");
                return Err(Error::unacceptable(status, message));
            }
        };
        let arriving =
            Arriving { status, headers, place, unpack, limits, until, taken: (0, 0), _turn: turn, response };
        match arriving.response.content_length() {
            Some(length) if length > arriving.limits.body => Err(arriving.too_large()),
            _ => Ok(arriving),
        }
    }

    /// The next piece of the body; none at its end.
    pub(crate) async fn piece(&mut self) -> Result<Option<Vec<u8>>, Error> {
        let until = self.until.min(Instant::now() + self.limits.silence);
        let came = tokio::time::timeout_at(until, self.response.chunk()).await;
        let broke = |why: &str| Error::unanswered(format!("`{}` began to answer, and {why}", self.place));
        let piece = match came {
            Ok(Ok(piece)) => piece,
            Ok(Err(_)) => return Err(broke("the answer broke off")),
            Err(_) => return Err(broke("did not come to an end in time")),
        };
        let Some(piece) = piece else { return self.last() };
        self.taken.0 += piece.len() as u64;
        if self.taken.0 > self.limits.body {
            return Err(self.too_large());
        }
        let Some(unpack) = &mut self.unpack else { return Ok(Some(piece.into())) };
        for slice in piece.chunks(SLICE) {
            if unpack.write_all(slice).is_err() {
                return Err(self.packed_wrong());
            }
            if self.taken.1 + unpack.get_ref().len() as u64 > self.limits.body {
                return Err(self.too_large());
            }
        }
        let unpacked = std::mem::take(unpack.get_mut());
        self.taken.1 += unpacked.len() as u64;
        Ok(Some(unpacked))
    }

    /// All of it.
    pub(crate) async fn whole(&mut self) -> Result<Vec<u8>, Error> {
        let mut body = Vec::new();
        while let Some(piece) = self.piece().await? {
            body.extend_from_slice(&piece);
        }
        Ok(body)
    }

    /// What the unpacking had not handed out yet.
    fn last(&mut self) -> Result<Option<Vec<u8>>, Error> {
        let Some(unpack) = self.unpack.take().filter(|_| self.taken.0 > 0) else { return Ok(None) };
        let rest = unpack.finish().map_err(|_| self.packed_wrong())?;
        if self.taken.1 + rest.len() as u64 > self.limits.body {
            return Err(self.too_large());
        }
        Ok((!rest.is_empty()).then_some(rest))
    }

    fn too_large(&self) -> Error {
        let most = self.limits.body / 1024;
        let message = format!("`{}` answered with more than {most} KiB, unpacked or not", self.place);
        Error::unacceptable(self.status, message)
    }

    fn packed_wrong(&self) -> Error {
        Error::unacceptable(self.status, format!("what `{}` answered cannot be unpacked", self.place))
    }
}
