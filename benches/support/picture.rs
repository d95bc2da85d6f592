//! Draws measurements as SVG line charts.

use std::path::Path;

use plotters::prelude::*;

pub struct Line {
    name: &'static str,
    points: Vec<(f64, f64)>,
}

impl Line {
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            points: Vec::new(),
        }
    }

    pub fn point(&mut self, x: f64, y: f64) {
        self.points.push((x, y));
    }
}

/// The labels of a chart: its title and the names of its axes.
pub struct Picture {
    pub title: &'static str,
    pub horizontal: &'static str,
    pub vertical: &'static str,
}

/// The colors of the first, second and third line of a chart.
const COLORS: [RGBColor; 3] = [
    RGBColor(0x0b, 0x62, 0xa8),
    RGBColor(0xc0, 0x50, 0x0c),
    RGBColor(0x2e, 0x7d, 0x32),
];

impl Picture {
    /// Draws the lines into `target/bench/NAME.svg`; both axes start at 0.
    pub fn draw(&self, name: &str, lines: &[Line]) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench");
        std::fs::create_dir_all(&folder).expect("a folder");
        let file = folder.join(format!("{name}.svg"));
        self.draw_into(&file, lines).expect("the chart is drawn");
        println!("drawn: {}", file.display());
    }

    fn draw_into(&self, file: &Path, lines: &[Line]) -> Result<(), Box<dyn std::error::Error>> {
        let points = || lines.iter().flat_map(|line| &line.points);
        let most = |of: fn(&(f64, f64)) -> f64| points().map(of).fold(0.0, f64::max) * 1.05;
        let root = SVGBackend::new(file, (800, 480)).into_drawing_area();
        root.fill(&WHITE)?;
        let mut chart = ChartBuilder::on(&root)
            .caption(self.title, ("sans-serif", 20))
            .margin(16)
            .x_label_area_size(44)
            .y_label_area_size(64)
            .build_cartesian_2d(0.0..most(|point| point.0), 0.0..most(|point| point.1))?;
        chart
            .configure_mesh()
            .x_desc(self.horizontal)
            .y_desc(self.vertical)
            .label_style(("sans-serif", 14))
            .x_label_formatter(&|value| format!("{value:.0}"))
            .y_label_formatter(&|value| format!("{value:.0}"))
            .light_line_style(WHITE)
            .draw()?;
        for (line, color) in lines.iter().zip(COLORS) {
            chart
                .draw_series(LineSeries::new(
                    line.points.iter().copied(),
                    color.stroke_width(2),
                ))?
                .label(line.name)
                .legend(move |(x, y)| {
                    PathElement::new([(x, y), (x + 18, y)], color.stroke_width(2))
                });
            let dots = line
                .points
                .iter()
                .map(|point| Circle::new(*point, 3, color.filled()));
            chart.draw_series(dots)?;
        }
        // Place the legend in a corner that no line crosses.
        let falls = lines.iter().any(|line| {
            let ends = line.points.first().zip(line.points.last());
            ends.is_some_and(|(first, last)| first.1 > last.1)
        });
        let position = if falls {
            SeriesLabelPosition::UpperRight
        } else {
            SeriesLabelPosition::UpperLeft
        };
        chart
            .configure_series_labels()
            .position(position)
            .label_font(("sans-serif", 14))
            .background_style(WHITE)
            .border_style(BLACK.mix(0.2))
            .draw()?;
        root.present()?;
        Ok(())
    }
}
