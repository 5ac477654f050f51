//! Pictures: how large they are, and small ones of large ones.
//!
//! A small file can be an enormous picture. So a size is read from the head of a file before anything of it is unpacked, and
//! what is unpacked has a bound of its own.

use carapace_channel_api::{MediaType, Preview};
use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits};
use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::Path;

/// The formats that are shown as pictures and can be unpacked here.
const FORMATS: [ImageFormat; 4] = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP];

/// A picture of at most so many bytes is small as it is.
const SMALL: u64 = 64 * 1024;

/// Bytes of a picture that is unpacked: 32 million pixels of three colours. What its format needs besides can be twice as much.
const UNPACKED: u64 = 96 << 20;

/// How good a JPEG is, of 100.
const QUALITY: u8 = 82;

/// How large the picture in a file is, in pixels; none where it is none that can be shown.
pub(super) fn dimensions(file: impl Read + Seek) -> Option<(u32, u32)> {
    let reader = ImageReader::new(BufReader::new(file)).with_guessed_format().ok()?;
    match reader.format()? {
        // The decoder would read all of the file to say it.
        ImageFormat::Jpeg => jpeg(reader.into_inner()),
        format if FORMATS.contains(&format) => reader.into_dimensions().ok(),
        _ => None,
    }
}

/// The size that stands in a frame header of a JPEG (ITU-T T.81, annex B.2.2). Segments before it are stepped over.
fn jpeg(mut file: impl BufRead + Seek) -> Option<(u32, u32)> {
    let mut byte = move |skip: i64| {
        if skip > 0 {
            file.seek(SeekFrom::Current(skip)).ok()?;
        }
        let mut byte = [0];
        file.read_exact(&mut byte).ok()?;
        Some(byte[0])
    };
    let mut skip = 0;
    loop {
        // What stands between segments is passed over, as decoders do.
        while byte(std::mem::take(&mut skip))? != 0xff {}
        let mut marker = byte(0)?;
        while marker == 0xff {
            marker = byte(0)?;
        }
        match marker {
            // Marks without anything behind them.
            0x00 | 0x01 | 0xd0..=0xd8 => continue,
            // The picture itself begins, or ends, and nobody said how large it is.
            0xd9 | 0xda => return None,
            _ => {}
        }
        let mut word = || Some(u16::from_be_bytes([byte(0)?, byte(0)?]));
        let length = word()?;
        // All frames but the three marks in between that say something else.
        if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
            let _precision = byte(0)?;
            let mut word = || Some(u32::from(u16::from_be_bytes([byte(0)?, byte(0)?])));
            let (height, width) = (word()?, word()?);
            return Some((width, height));
        }
        skip = i64::from(length.checked_sub(2)?);
    }
}

/// A picture of at most `edge` pixels in each direction, of one that is larger and has at most `pixels`. It reads, computes and
/// blocks. None where there is none: what is behind the head of a file may be anything.
pub(super) fn preview(path: &Path, edge: u32, pixels: u64) -> Option<Preview> {
    let file = File::open(path).ok()?;
    let size = file.metadata().ok()?.len();
    let (width, height) = dimensions(&file)?;
    if edge == 0 || u64::from(width) * u64::from(height) > pixels {
        return None;
    }
    if size <= SMALL && width <= edge.saturating_mul(2) && height <= edge.saturating_mul(2) {
        return None;
    }
    (&file).rewind().ok()?;
    let mut reader = ImageReader::new(BufReader::new(file)).with_guessed_format().ok()?;
    let mut limits = Limits::no_limits();
    // The size in the head is a promise: a decoder that finds more in the file is stopped, too.
    limits.max_alloc = Some(UNPACKED.saturating_mul(3));
    limits.max_image_width = Some(width);
    limits.max_image_height = Some(height);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    if decoder.total_bytes() > UNPACKED {
        return None;
    }
    let turned = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).ok()?.thumbnail(edge, edge);
    // Small first: turning a large one would need its room twice.
    picture.apply_orientation(turned);
    written(&picture)
}

/// As a file; nothing of what stood in the first one beside the picture is in it.
fn written(picture: &DynamicImage) -> Option<Preview> {
    let mut bytes = Vec::new();
    let through = picture.color().has_alpha() && picture.to_rgba8().pixels().any(|pixel| pixel.0[3] < 0xff);
    let media_type = if through {
        picture.to_rgba8().write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).ok()?;
        "image/png"
    } else {
        picture.to_rgb8().write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, QUALITY)).ok()?;
        "image/jpeg"
    };
    Some(Preview { bytes, media_type: MediaType(media_type.to_owned()) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ExtendedColorType, ImageEncoder as _, RgbImage, RgbaImage};
    use proptest::prelude::*;

    const PIXELS: u64 = 4_000_000;

    fn of(bytes: &[u8], edge: u32) -> Option<Preview> {
        within(bytes, edge, PIXELS)
    }

    fn within(bytes: &[u8], edge: u32, pixels: u64) -> Option<Preview> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, bytes).unwrap();
        preview(&path, edge, pixels)
    }

    fn wide(format: ImageFormat) -> Vec<u8> {
        let mut bytes = Vec::new();
        // Noise, so that no format makes it small: red to the left, blue to the right.
        let picture = RgbImage::from_fn(800, 400, |x, y| {
            let noise = u8::try_from((x * 31 + y * 17) % 97).unwrap();
            image::Rgb(if x < 400 { [255, noise, 0] } else { [0, noise, 255] })
        });
        picture.write_to(&mut Cursor::new(&mut bytes), format).unwrap();
        bytes
    }

    #[test]
    fn a_large_picture_of_each_format_has_a_small_one() {
        for format in FORMATS {
            let bytes = wide(format);
            assert_eq!(dimensions(Cursor::new(&bytes)), Some((800, 400)), "{format:?}");
            let preview = of(&bytes, 100).unwrap_or_else(|| panic!("{format:?} {}", bytes.len()));
            assert_eq!(preview.media_type.0, "image/jpeg");
            let small = image::load_from_memory(&preview.bytes).unwrap().to_rgb8();
            assert_eq!(small.dimensions(), (100, 50));
            let (left, right) = (small.get_pixel(10, 25).0, small.get_pixel(90, 25).0);
            assert!(left[0] > 200 && left[2] < 60 && right[0] < 60 && right[2] > 200, "{left:?} {right:?}");
        }
    }

    #[test]
    fn what_shines_through_still_does() {
        let mut bytes = Vec::new();
        let picture = RgbaImage::from_fn(900, 900, |x, y| image::Rgba([200, 10, 10, u8::from(x > y) * 255]));
        picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).unwrap();
        let preview = of(&bytes, 100).unwrap();
        assert_eq!(preview.media_type.0, "image/png");
        let small = image::load_from_memory(&preview.bytes).unwrap().to_rgba8();
        assert_eq!((small.get_pixel(90, 5).0[3], small.get_pixel(5, 90).0[3]), (255, 0));
    }

    #[test]
    fn a_camera_held_upright_shows_upright_and_says_nothing_of_itself() {
        let plain = image::load_from_memory(&wide(ImageFormat::Png)).unwrap().to_rgb8();
        let mut bytes = Vec::new();
        let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 95);
        // One entry of the first directory, orientation: 6, turned to the right (Exif 3.0, section 4.6.5).
        let exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0HERE AM I".to_vec();
        encoder.set_exif_metadata(exif).unwrap();
        encoder.write_image(&plain, 800, 400, ExtendedColorType::Rgb8).unwrap();
        let preview = of(&bytes, 100).unwrap();
        let small = image::load_from_memory(&preview.bytes).unwrap().to_rgb8();
        assert_eq!(small.dimensions(), (50, 100));
        let (above, below) = (small.get_pixel(25, 10).0, small.get_pixel(25, 90).0);
        assert!(above[0] > 200 && below[2] > 200, "{above:?} {below:?}");
        assert!(bytes.windows(4).any(|bytes| bytes == b"HERE"));
        assert!(!preview.bytes.windows(4).any(|bytes| bytes == b"HERE"));
    }

    #[test]
    fn what_is_small_or_too_large_or_no_picture_has_none() {
        let mut small = Vec::new();
        RgbImage::new(150, 150).write_to(&mut Cursor::new(&mut small), ImageFormat::Png).unwrap();
        assert_eq!(of(&small, 100), None);
        // Few bytes, and many pixels all the same: it is heavy to show.
        let mut flat = Vec::new();
        RgbImage::new(1_900, 1_900).write_to(&mut Cursor::new(&mut flat), ImageFormat::Png).unwrap();
        assert!(flat.len() < 64 * 1024 && of(&flat, 100).is_some());
        let mut bomb = Vec::new();
        RgbImage::new(2_100, 2_100).write_to(&mut Cursor::new(&mut bomb), ImageFormat::Png).unwrap();
        assert_eq!(of(&bomb, 100), None);
        assert_eq!(of(&wide(ImageFormat::Png), 0), None);
        for bytes in
            [&b""[..], b"just words", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBP"]
        {
            assert_eq!(of(bytes, 100), None);
        }
    }

    /// So many are unpacked in no time, also by code that is not optimised.
    const FEW: u64 = 50_000;

    /// A picture of each format, small enough to be tried often.
    fn seeds() -> Vec<Vec<u8>> {
        FORMATS
            .iter()
            .map(|format| {
                let mut bytes = Vec::new();
                RgbImage::from_fn(40, 30, |x, y| image::Rgb([0, 40, u8::try_from(x * y % 250).unwrap()]))
                    .write_to(&mut Cursor::new(&mut bytes), *format)
                    .unwrap();
                bytes
            })
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_bytes_have_a_size_and_a_preview_or_none(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
            let _ = dimensions(Cursor::new(&bytes));
            prop_assert_eq!(within(&bytes, 4, FEW), None);
        }

        #[test]
        fn a_picture_with_wrong_bytes_in_it_costs_no_more_than_a_right_one(
            seed in 0..FORMATS.len(),
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
            length in any::<prop::sample::Index>(),
        ) {
            let mut bytes = seeds().swap_remove(seed);
            for (at, to) in changes {
                let at = at.index(bytes.len());
                bytes[at] = to;
            }
            bytes.truncate(length.index(bytes.len()) + 1);
            let size = dimensions(Cursor::new(&bytes));
            if let Some(preview) = within(&bytes, 4, FEW) {
                let (width, height) = size.unwrap();
                prop_assert!(u64::from(width) * u64::from(height) <= FEW);
                let small = image::load_from_memory(&preview.bytes).unwrap();
                prop_assert!(small.width() <= 4 && small.height() <= 4);
            }
        }
    }
}
