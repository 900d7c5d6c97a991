//! Turns the bytes of a terminal into events.
//!
//! A terminal sends more than keys: answers to what another program asked it, such as an editor or
//! a shell, may arrive after this program has started. They are sequences of ECMA-48 (sections 5.4
//! and 5.6). Each is recognized by its frame, so that an unknown one is dropped as a whole: a part
//! of it would otherwise press keys.

use crate::event::Event;
use crate::keys::Key;

use super::sequences;

const ESC: u8 = 0x1b;
const BEL: u8 = 0x07;
const CTRL_C: u8 = 0x03;
const CANCEL: u8 = 0x18;
const SUBSTITUTE: u8 = 0x1a;

/// The end of a pasted text.
const PASTE_END: &[u8] = b"\x1b[201~";

/// The parameters of the sequence that begins a pasted text.
const PASTE_START: &[u8] = b"200";

/// The most bytes of a control sequence that are kept: no key needs more.
const MAX_PARAMETERS: usize = 64;

/// What the bytes read so far belong to.
#[derive(Debug, Default)]
enum Within {
    /// Nothing.
    #[default]
    Nothing,
    /// An Esc: the key, or the start of a sequence.
    Escape,
    /// A control sequence (CSI), with its bytes so far.
    Control(Vec<u8>),
    /// A function key of the Linux console, `ESC [ [ A`: one byte follows.
    Console,
    /// A report of the mouse in the old format, which is dropped; holds the number of bytes to
    /// come.
    OldMouse(u8),
    /// A key of the application keypad (SS3): one byte follows.
    Keypad,
    /// A device control string, an operating system command, or another string.
    Text(StringSequence),
    /// A pasted text.
    Paste(Vec<u8>),
    /// A character of several bytes.
    Character {
        bytes: Vec<u8>,
        length: usize,
        alt: bool,
    },
}

/// A string sequence, whose content is dropped.
#[derive(Debug)]
struct StringSequence {
    /// The byte after Esc that began it.
    introducer: u8,
    /// Whether it has content yet; without any, it may be a key with Alt.
    is_empty: bool,
    /// Whether the last byte was an Esc, which may begin its end.
    is_ending: bool,
}

/// What the bytes that are not complete yet may become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pending {
    /// None is left over.
    Nothing,
    /// They are a key, unless more bytes follow at once.
    Key,
    /// They are the beginning of a sequence, which is dropped if its rest never comes.
    Sequence,
    /// They are the beginning of a text that has an end, however late.
    Text,
}

/// Reads bytes as they come, however they are split.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    within: Within,
}

impl Decoder {
    /// Reads more bytes and appends the events that they complete.
    pub(super) fn read(&mut self, bytes: &[u8], events: &mut Vec<Event>) {
        for byte in bytes {
            self.byte(*byte, events);
        }
    }

    /// What is left over.
    pub(super) fn pending(&self) -> Pending {
        match &self.within {
            Within::Nothing => Pending::Nothing,
            Within::Escape | Within::Keypad => Pending::Key,
            Within::Control(bytes) if bytes.is_empty() => Pending::Key,
            Within::Text(text) if text.is_empty => Pending::Key,
            Within::Paste(_) => Pending::Text,
            Within::Control(_) | Within::Console | Within::OldMouse(_) => Pending::Sequence,
            Within::Text(_) | Within::Character { .. } => Pending::Sequence,
        }
    }

    /// Ends what is left over, since nothing follows: appends its key, or drops it.
    pub(super) fn settle(&mut self, events: &mut Vec<Event>) {
        let key = match std::mem::take(&mut self.within) {
            Within::Escape => Some(Key::Esc),
            Within::Keypad => Some(Key::Alt('O')),
            Within::Control(bytes) if bytes.is_empty() => Some(Key::Alt('[')),
            Within::Text(text) if text.is_empty => Some(Key::Alt(text.introducer.into())),
            paste @ Within::Paste(_) => {
                self.within = paste;
                None
            }
            _ => None,
        };
        events.extend(key.map(Event::Key));
    }

    fn byte(&mut self, byte: u8, events: &mut Vec<Event>) {
        self.within = match std::mem::take(&mut self.within) {
            Within::Nothing => start(byte, false, events),
            Within::Escape => after_escape(byte, events),
            Within::Control(bytes) => control(bytes, byte, events),
            Within::Console => {
                events.extend(sequences::console(byte).map(Event::Key));
                Within::Nothing
            }
            // The position is sent as bytes that would otherwise be keys.
            Within::OldMouse(1) => Within::Nothing,
            Within::OldMouse(left) => Within::OldMouse(left.saturating_sub(1)),
            Within::Keypad => {
                events.extend(sequences::keypad(byte).map(Event::Key));
                Within::Nothing
            }
            Within::Text(text) => in_text(text, byte, events),
            Within::Paste(bytes) => in_paste(bytes, byte, events),
            Within::Character { bytes, length, alt } => {
                in_character(bytes, length, alt, byte, events)
            }
        };
    }
}

/// The first byte of a key or of a sequence.
fn start(byte: u8, alt: bool, events: &mut Vec<Event>) -> Within {
    let length = match byte {
        ESC => return Within::Escape,
        0x00..=0x7f => {
            let key = if alt {
                sequences::with_alt(byte)
            } else {
                sequences::single(byte)
            };
            events.push(Event::Key(key));
            return Within::Nothing;
        }
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        // No character begins like this.
        _ => return Within::Nothing,
    };
    Within::Character {
        bytes: vec![byte],
        length,
        alt,
    }
}

fn after_escape(byte: u8, events: &mut Vec<Event>) -> Within {
    match byte {
        ESC => {
            events.push(Event::Key(Key::Esc));
            Within::Escape
        }
        b'[' => Within::Control(Vec::new()),
        b'O' => Within::Keypad,
        // DCS, OSC, SOS, PM and APC.
        b'P' | b']' | b'X' | b'^' | b'_' => Within::Text(StringSequence {
            introducer: byte,
            is_empty: true,
            is_ending: false,
        }),
        _ => start(byte, true, events),
    }
}

/// A byte of a control sequence: parameters, then the final byte.
fn control(mut bytes: Vec<u8>, byte: u8, events: &mut Vec<Event>) -> Within {
    match byte {
        0x20..=0x3f => {
            if bytes.len() < MAX_PARAMETERS {
                bytes.push(byte);
            }
            Within::Control(bytes)
        }
        b'[' if bytes.is_empty() => Within::Console,
        b'M' if bytes.is_empty() => Within::OldMouse(3),
        b'~' if bytes == PASTE_START => Within::Paste(Vec::new()),
        0x40..=0x7e => {
            events.extend(sequences::control(&bytes, byte));
            Within::Nothing
        }
        // It was cut off: what follows is something else.
        _ => start(byte, false, events),
    }
}

/// A byte of a string sequence, up to its end.
fn in_text(text: StringSequence, byte: u8, events: &mut Vec<Event>) -> Within {
    match byte {
        BEL | CANCEL | SUBSTITUTE => Within::Nothing,
        b'\\' if text.is_ending => Within::Nothing,
        ESC => Within::Text(StringSequence {
            is_ending: true,
            ..text
        }),
        // No terminal sends it within a string, so the user wants to quit.
        CTRL_C => start(byte, false, events),
        // The end was cut off, and another sequence begins.
        _ if text.is_ending => after_escape(byte, events),
        _ => Within::Text(StringSequence {
            is_empty: false,
            ..text
        }),
    }
}

fn in_paste(mut bytes: Vec<u8>, byte: u8, events: &mut Vec<Event>) -> Within {
    bytes.push(byte);
    let Some(pasted) = bytes.strip_suffix(PASTE_END) else {
        return Within::Paste(bytes);
    };
    events.push(Event::Paste(String::from_utf8_lossy(pasted).into_owned()));
    Within::Nothing
}

/// A further byte of a character; one that is broken off is dropped.
fn in_character(
    mut bytes: Vec<u8>,
    length: usize,
    alt: bool,
    byte: u8,
    events: &mut Vec<Event>,
) -> Within {
    if !matches!(byte, 0x80..=0xbf) {
        return start(byte, false, events);
    }
    bytes.push(byte);
    if bytes.len() < length {
        return Within::Character { bytes, length, alt };
    }
    let character = std::str::from_utf8(&bytes).ok();
    let key = character
        .and_then(|text| text.chars().next())
        .map(|c| if alt { Key::Alt(c) } else { Key::Char(c) });
    events.extend(key.map(Event::Key));
    Within::Nothing
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What the bytes mean if nothing follows.
    fn events(chunks: &[&[u8]]) -> Vec<String> {
        let (mut decoder, mut events) = (Decoder::default(), Vec::new());
        for chunk in chunks {
            decoder.read(chunk, &mut events);
        }
        decoder.settle(&mut events);
        let shown = |event: &Event| match event {
            Event::Key(key) => key.to_string(),
            other => format!("{other:?}"),
        };
        events.iter().map(shown).collect()
    }

    /// What terminals answer to other programs.
    const ANSWERS: [&[u8]; 12] = [
        b"\x1b[>41;354;0c",
        b"\x1b[?64;22c",
        b"\x1b[=1;2c",
        b"\x1b[2;2R",
        b"\x1b[?2026;2$y",
        b"\x1b[I",
        b"\x1b[8;24;80t",
        b"\x1b]11;rgb:1d1d/1f1f/2121\x1b\\",
        b"\x1b]10;rgb:ffff/ffff/ffff\x07",
        b"\x1bP1$r0 q\x1b\\",
        b"\x1bP1+r544e=787465726d\x1b\\",
        b"\x1b_Gi=31;OK\x1b\\",
    ];

    #[test]
    fn an_answer_to_another_program_is_dropped_as_a_whole() {
        for answer in ANSWERS {
            let shown = String::from_utf8_lossy(answer).into_owned();
            assert_eq!(events(&[answer, b"q"]), ["q"], "{shown:?}");
        }
    }

    #[test]
    fn a_key_is_read_in_every_form_that_terminals_send() {
        for (bytes, key) in [
            ("q", "q"),
            ("é", "é"),
            ("漢", "漢"),
            (" ", "Space"),
            ("\r", "Enter"),
            ("\n", "Enter"),
            ("\t", "Tab"),
            ("\x7f", "Backspace"),
            ("\x08", "Backspace"),
            ("\x04", "Ctrl-d"),
            ("\x1f", "Ctrl-_"),
            ("\0", "Ctrl-Space"),
            ("\x1b", "Esc"),
            ("\x1bu", "Alt-u"),
            ("\x1bé", "Alt-é"),
            ("\x1b ", "Alt-Space"),
            ("\x1bP", "Alt-P"),
            ("\x1b]", "Alt-]"),
            ("\x1b[", "Alt-["),
            ("\x1b[A", "↑"),
            ("\x1bOB", "↓"),
            ("\x1b[1;2C", "→"),
            ("\x1b[1;5C", "Ctrl-→"),
            ("\x1b[1;3D", "Ctrl-←"),
            ("\x1b[H", "Home"),
            ("\x1b[4~", "End"),
            ("\x1b[5~", "PgUp"),
            ("\x1b[6;5~", "PgDn"),
            ("\x1b[3~", "Del"),
            ("\x1b[Z", "Shift-Tab"),
            ("\x1b[100;5u", "Ctrl-d"),
            ("\x1b[27;5;100~", "Ctrl-d"),
            ("\x1b[13u", "Enter"),
            ("\x1bOP", "F1"),
            ("\x1b[11~", "F1"),
            ("\x1b[[A", "F1"),
            ("\x1b[24~", "F12"),
        ] {
            assert_eq!(events(&[bytes.as_bytes()]), [key], "{bytes:?}");
        }
        assert_eq!(events(&[b"\x1b\x1b[A"]), ["Esc", "↑"]);
        assert_eq!(events(&[b"\x1b[97;1:3u"]), [""; 0], "a key was released");
    }

    #[test]
    fn ctrl_c_is_read_even_in_a_string_that_never_ends() {
        assert_eq!(events(&[b"\x1bP1$r0 q", b"\x03"]), ["Ctrl-c"]);
        assert_eq!(events(&[b"\x1b]11;rgb", b"\x1b[A"]), ["↑"]);
    }

    #[test]
    fn a_paste_is_one_text_and_contains_no_keys() {
        assert_eq!(
            events(&[b"\x1b[200~q\x1b[A\x03\r\x1b[201~j"]),
            [r#"Paste("q\u{1b}[A\u{3}\r")"#, "j"]
        );
        let mut decoder = Decoder::default();
        decoder.read(b"\x1b[200~half", &mut Vec::new());
        assert_eq!(decoder.pending(), Pending::Text, "its end may come late");
    }

    #[test]
    fn mouse_reports_become_presses_and_turns_of_the_wheel() {
        let shown = |bytes: &[u8]| events(&[bytes]).concat();
        assert!(shown(b"\x1b[<0;7;3M").contains("Press, Position { x: 6, y: 2 }"));
        assert!(shown(b"\x1b[<64;1;1M").contains("WheelUp"));
        assert!(shown(b"\x1b[<65;1;1M").contains("WheelDown"));
        for other in [&b"\x1b[<0;7;3m"[..], b"\x1b[<35;2;2M", b"\x1b[M q!"] {
            assert_eq!(shown(other), "");
        }
    }

    /// A key, an answer, a paste or any bytes.
    fn inputs() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            prop::sample::select(ANSWERS.as_slice()).prop_map(<[u8]>::to_vec),
            "\\PC".prop_map(String::into_bytes),
            "\\x1b\\[(|1;[2-8])[A-H]".prop_map(String::into_bytes),
            "\\x1b\\[200~\\PC{0,5}\\x1b\\[201~".prop_map(String::into_bytes),
            prop::collection::vec(any::<u8>(), 0..6),
        ]
    }

    proptest! {
        #[test]
        fn it_does_not_matter_how_the_bytes_are_split(
            parts in prop::collection::vec(inputs(), 0..5),
            size in 1usize..7,
        ) {
            let bytes = parts.concat();
            let chunks: Vec<_> = bytes.chunks(size).collect();
            prop_assert_eq!(events(&chunks), events(&[&bytes]));
        }
    }
}
