//! Finds line feeds without a carriage return in request heads.
//!
//! RFC 9112 (2.2) lets a server accept a single LF as the end of a line, and actix's parser does. A
//! proxy may read the same LF as part of a value. The two would then disagree about where a request
//! ends, so that somebody's request could contain the beginning of another person's.

/// A reader of request heads.
#[derive(Debug, Default)]
pub(super) struct HeadLines {
    state: State,
    after_cr: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Before the request line. A client may send empty lines here (RFC 9112, 2.2).
    Before,
    /// At the beginning of a line.
    LineStart,
    /// Within a line.
    Line,
    /// After the empty line that ends the head.
    #[default]
    After,
}

impl HeadLines {
    /// A head begins with the next data.
    pub(super) fn begin(&mut self) {
        self.state = State::Before;
        self.after_cr = false;
    }

    /// Replaces each LF without CR in the head by NUL, which no head may contain, so that actix's
    /// parser refuses the request with status 400. Data after the head stays as it is.
    pub(super) fn refuse_bare_line_feeds(&mut self, data: &mut [u8]) {
        for octet in data {
            if self.state == State::After {
                return;
            }
            if *octet == b'\n' && !self.after_cr {
                *octet = 0;
            }
            self.read(*octet);
        }
    }

    fn read(&mut self, octet: u8) {
        self.after_cr = octet == b'\r';
        self.state = match (octet, self.state) {
            (b'\n', State::LineStart) => State::After,
            (b'\n', State::Line) => State::LineStart,
            (b'\r' | b'\n', state) => state,
            _ => State::Line,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the parser gets if the head arrives in pieces of this size.
    fn read(head: &str, size: usize) -> String {
        let mut lines = HeadLines::default();
        lines.begin();
        let mut data = head.as_bytes().to_vec();
        for piece in data.chunks_mut(size) {
            lines.refuse_bare_line_feeds(piece);
        }
        String::from_utf8(data).unwrap()
    }

    #[test]
    fn only_line_feeds_without_carriage_return_in_heads_are_replaced() {
        for (head, expected) in [
            (
                "GET / HTTP/1.1\r\nA: b\r\n\r\nx\ny",
                "GET / HTTP/1.1\r\nA: b\r\n\r\nx\ny",
            ),
            ("\r\n\r\nGET /\r\n\r\n\n\n", "\r\n\r\nGET /\r\n\r\n\n\n"),
            ("GET /\nA: b\r\n\r\nx\ny", "GET /\0A: b\r\n\r\nx\ny"),
            ("GET /\r\nA: b\nC: d\r\n\r\n", "GET /\r\nA: b\0C: d\r\n\r\n"),
            ("GET /\r\nA: b\n\r\n\n", "GET /\r\nA: b\0\r\n\0"),
            ("GET /\r\nA: b\r\n\nx", "GET /\r\nA: b\r\n\0x"),
            ("GET /\n\nx", "GET /\0\0x"),
            ("\nGET /\r\n\r\n", "\0GET /\r\n\r\n"),
        ] {
            for size in 1..=head.len() {
                assert_eq!(read(head, size), expected, "in pieces of {size}");
            }
        }
    }

    #[test]
    fn each_head_is_read_anew() {
        let mut lines = HeadLines::default();
        for _ in 0..3 {
            let mut body = *b"x\ny";
            lines.refuse_bare_line_feeds(&mut body);
            assert_eq!(&body, b"x\ny");
            lines.begin();
            let mut head = *b"GET /\nA: b\r\n\r\n";
            lines.refuse_bare_line_feeds(&mut head);
            assert_eq!(&head, b"GET /\0A: b\r\n\r\n");
        }
    }
}
