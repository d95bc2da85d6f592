//! The style sheet with the accent colors, which are all derived from the configured color. For
//! every configured color, text in the accent colors has sufficient contrast (WCAG 2.2, 1.4.3) in
//! both the light and the dark color scheme.

use palette::color_difference::Wcag21RelativeContrast as _;
use palette::{FromColor as _, Oklch, Srgb};

/// The required contrast ratio: WCAG's minimum of 4.5, plus a margin for rounding in browsers.
const CONTRAST: f32 = 4.6;
/// The step by which a color is made lighter or darker. Oklch lightness ranges from 0 to 1.
const STEP: f32 = 0.01;
/// Enough steps to get from one end of the lightness range to the other.
const STEPS: u32 = 101;

/// One of the two color schemes in `app.css`.
struct Scheme {
    /// The untinted backgrounds on which text in the accent color appears.
    grounds: [Srgb<u8>; 2],
    /// The step in lightness that increases the accent color's contrast with the backgrounds.
    away: f32,
    /// The lightness of tinted backgrounds.
    wash: f32,
    /// The lightness of text that has the accent color as its background.
    on_accent: f32,
    /// The lightness of the lines in rolecall's logo.
    tick: f32,
}

const LIGHT: Scheme = Scheme {
    grounds: [
        Srgb::new(0xf7, 0xf9, 0xf8), // --ground
        Srgb::new(0xff, 0xff, 0xff), // --sheet
    ],
    away: -STEP,
    wash: 0.955,
    on_accent: 1.0,
    tick: 0.86,
};
const DARK: Scheme = Scheme {
    grounds: [
        Srgb::new(0x0e, 0x14, 0x12), // --ground
        Srgb::new(0x15, 0x1d, 0x1a), // --sheet
    ],
    away: STEP,
    wash: 0.27,
    on_accent: 0.2,
    tick: 0.47,
};

/// The colors of one scheme, named after their CSS properties.
struct Colors {
    accent: Srgb<u8>,
    accent_deep: Srgb<u8>,
    accent_wash: Srgb<u8>,
    on_accent: Srgb<u8>,
    tick: Srgb<u8>,
}

/// The CSS that sets the colors of both schemes. These colors are derived from `accent`.
pub fn style_sheet(accent: Srgb<u8>) -> String {
    let light = LIGHT.colors(accent).properties();
    let dark = DARK.colors(accent).properties();
    format!(":root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}")
}

impl Scheme {
    fn colors(&self, accent: Srgb<u8>) -> Colors {
        let color = Oklch::from_color(accent.into_format::<f32>());
        // A tint has the hue of the accent color, the given lightness and at most the given chroma.
        let tint = |lightness, chroma: f32| Oklch {
            l: lightness,
            chroma: color.chroma.min(chroma),
            hue: color.hue,
        };
        let wash = shown(tint(self.wash, 0.03));
        let on_accent = shown(tint(self.on_accent, 0.03));
        let is_clear = |color: Oklch| {
            let contrast = |other: Srgb<u8>| {
                let (one, other) = (shown(color).into_format::<f32>(), other.into_format());
                one.relative_contrast(other)
            };
            let behind = self.grounds.into_iter().chain([wash, on_accent]);
            behind.map(contrast).all(|contrast| contrast >= CONTRAST)
        };
        let mut accent = color;
        // The loop always finds a color: black has enough contrast with light backgrounds, and
        // white with dark ones.
        for _ in 0..STEPS {
            if is_clear(accent) {
                break;
            }
            accent.l = (accent.l + self.away).clamp(0.0, 1.0);
        }
        let mut deep = accent;
        deep.l = (deep.l + 8.0 * self.away).clamp(0.0, 1.0);
        Colors {
            accent: shown(accent),
            accent_deep: shown(deep),
            accent_wash: wash,
            on_accent,
            tick: shown(tint(self.tick, 0.09)),
        }
    }
}

impl Colors {
    fn properties(&self) -> String {
        let Self {
            accent,
            accent_deep,
            accent_wash,
            on_accent,
            tick,
        } = self;
        format!(
            "--accent:#{accent:x};--accent-deep:#{accent_deep:x};--accent-wash:#{accent_wash:x};\
             --on-accent:#{on_accent:x};--tick:#{tick:x}"
        )
    }
}

/// Converts a color to sRGB, as screens show it. Values outside the sRGB range are clipped.
fn shown(color: Oklch) -> Srgb<u8> {
    Srgb::from_color(color).into_format()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn contrast(one: Srgb<u8>, other: Srgb<u8>) -> f32 {
        one.into_format::<f32>()
            .relative_contrast(other.into_format())
    }

    /// The lowest contrast between text and background across both schemes derived from `color`.
    fn least_contrast(color: Srgb<u8>) -> f32 {
        let mut least = f32::MAX;
        for scheme in [LIGHT, DARK] {
            let colors = scheme.colors(color);
            for text in [colors.accent, colors.accent_deep] {
                let behind = [colors.accent_wash, colors.on_accent];
                for behind in scheme.grounds.into_iter().chain(behind) {
                    least = least.min(contrast(text, behind));
                }
            }
        }
        least
    }

    proptest! {
        #[test]
        fn text_is_readable_in_every_brand_color(red: u8, green: u8, blue: u8) {
            prop_assert!(least_contrast(Srgb::new(red, green, blue)) >= 4.5);
        }
    }

    /// Grays have no hue, and the corners of the RGB cube have extreme lightness or chroma.
    #[test]
    fn greys_and_the_corners_of_the_cube_can_be_read() {
        let greys = (0..=255).map(|grey| Srgb::new(grey, grey, grey));
        let corner = |bit: u8| move |corner: u8| if corner & bit == 0 { 0 } else { 255 };
        let corners = (0..8).map(|at| Srgb::new(corner(1)(at), corner(2)(at), corner(4)(at)));
        for color in greys.chain(corners) {
            let contrast = least_contrast(color);
            assert!(contrast >= 4.5, "{color:x}: {contrast}");
        }
    }

    #[test]
    fn a_readable_color_is_not_changed() {
        let accent = Srgb::new(0x5a, 0x47, 0xb0);
        assert_eq!(LIGHT.colors(accent).accent, accent);
        let css = style_sheet(accent);
        assert!(
            css.starts_with(":root{--accent:#5a47b0;--accent-deep:#"),
            "{css}"
        );
        assert_eq!(css.matches("--accent:").count(), 2);
        assert!(!css.contains(['<', '"', '\\']), "{css}");
    }

    #[test]
    fn the_color_schemes_match_the_style_sheet() {
        let css = include_str!("../../../static/app.css");
        let (light, dark) = css.split_once("prefers-color-scheme: dark").unwrap();
        for (scheme, part) in [(LIGHT, light), (DARK, dark)] {
            for (name, color) in ["ground", "sheet"].into_iter().zip(scheme.grounds) {
                let value = part.split_once(&format!("--{name}: #")).unwrap().1;
                let value = value.split_once(';').unwrap().0;
                assert_eq!(value.parse::<Srgb<u8>>().unwrap(), color, "{name}");
            }
        }
    }
}
