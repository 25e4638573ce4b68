//! A socket that knows how long it may be silent.
//!
//! Three times are kept, none while a request is being answered: from the first byte of a
//! head to its last, from one request to the next, and (while answering) how long sent
//! bytes may lie unread. hyper offers only the first, and lets it run while idle.
//!
//! Timers are lazy: a running one is left alone as long as it rings no later than needed,
//! and asked again when it rings. A busy keep-alive connection so re-arms about once per
//! limit, not once per request.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep},
};

use super::{
    Limits,
    wires::{self, Wires},
};

/// How many requests of the connection have begun, and how many are being answered.
#[derive(Debug, Clone, Default)]
pub(super) struct InFlight(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    begun: AtomicUsize,
    active: AtomicUsize,
}

/// One request being answered; dropped with its body.
#[derive(Debug)]
pub(super) struct Ticket(Arc<Counts>);

impl InFlight {
    pub(super) fn begin(&self) -> Ticket {
        self.0.begun.fetch_add(1, Ordering::Relaxed);
        self.0.active.fetch_add(1, Ordering::Relaxed);
        Ticket(Arc::clone(&self.0))
    }

    pub(super) fn begun(&self) -> usize {
        self.0.begun.load(Ordering::Relaxed)
    }

    fn is_idle(&self) -> bool {
        self.0.active.load(Ordering::Relaxed) == 0
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.0.active.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What the client owes us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expecting {
    /// A next request, whenever it likes.
    Request,
    /// The rest of a head that has begun.
    RestOfHead,
    /// Nothing: we owe an answer.
    Nothing,
}

/// A TCP stream with time limits.
#[derive(Debug)]
pub(super) struct WatchedSocket {
    stream: TcpStream,
    wires: Arc<Wires>,
    in_flight: InFlight,
    begun_before: usize,
    expecting: Expecting,
    since: Instant,
    alarm: Alarm,
    stall: Alarm,
    header_read: Duration,
    keep_alive: Duration,
    write_stall: Duration,
    /// HTTP/2 connections speak between requests; only their idle time is limited.
    is_http2: Option<bool>,
}

impl WatchedSocket {
    pub(super) fn new(stream: TcpStream, limits: &Limits, wires: Arc<Wires>) -> Self {
        Self {
            stream,
            wires,
            in_flight: InFlight::default(),
            begun_before: 0,
            // A fresh connection has to speak within the header time.
            expecting: Expecting::RestOfHead,
            since: Instant::now(),
            alarm: Alarm::default(),
            stall: Alarm::default(),
            header_read: limits.header_read,
            keep_alive: limits.keep_alive,
            write_stall: limits.write_stall,
            is_http2: None,
        }
    }

    /// Returns the count to be raised by each request.
    pub(super) fn in_flight(&self) -> InFlight {
        self.in_flight.clone()
    }

    /// Takes note of the requests that began or ended since the last look.
    fn observe(&mut self) {
        let begun = self.in_flight.begun();
        if begun != self.begun_before {
            self.begun_before = begun;
            self.expect(Expecting::Request);
        }
        if !self.in_flight.is_idle() {
            self.expect(Expecting::Nothing);
        } else if self.expecting == Expecting::Nothing {
            self.expect(Expecting::Request);
        }
    }

    fn received(&mut self, bytes: &[u8]) {
        self.observe();
        let is_http2 = *self.is_http2.get_or_insert(bytes.starts_with(b"PRI "));
        match self.expecting {
            Expecting::Nothing => {}
            _ if is_http2 => {
                self.expecting = Expecting::Request;
                self.since = Instant::now();
            }
            Expecting::Request | Expecting::RestOfHead => self.expect(Expecting::RestOfHead),
        }
    }

    fn expect(&mut self, next: Expecting) {
        if next != self.expecting {
            self.expecting = next;
            self.since = Instant::now();
        }
    }

    fn poll_silence(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let limit = match self.expecting {
            Expecting::Request => self.keep_alive,
            Expecting::RestOfHead => self.header_read,
            Expecting::Nothing => return Poll::Pending,
        };
        self.alarm.poll_at(self.since + limit, cx)
    }
}

fn silent() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "the client is silent")
}

impl AsyncRead for WatchedSocket {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        match Pin::new(&mut this.stream).poll_read(cx, buf) {
            Poll::Ready(done) => {
                if buf.filled().len() > before {
                    wires::add(&this.wires.received, buf.filled().len() - before);
                    this.received(&buf.filled()[before..]);
                }
                Poll::Ready(done)
            }
            Poll::Pending => {
                this.observe();
                this.poll_silence(cx).map(|()| Err(silent()))
            }
        }
    }
}

impl WatchedSocket {
    fn watch_write(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(bytes)) = &written {
            wires::add(&self.wires.sent, *bytes);
        }
        if written.is_ready() {
            self.stall.disarm();
            return written;
        }
        let until = self
            .stall
            .armed()
            .unwrap_or_else(|| Instant::now() + self.write_stall);
        self.stall.poll_at(until, cx).map(|()| {
            Err(io::Error::new(
                io::ErrorKind::TimedOut,
                "the client does not read",
            ))
        })
    }
}

impl AsyncWrite for WatchedSocket {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(cx, buf);
        this.watch_write(cx, written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write_vectored(cx, bufs);
        this.watch_write(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Also sets the alarm: hyper flushes each answer, but may not read again after it.
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.observe();
        match this.poll_silence(cx) {
            Poll::Ready(()) => Poll::Ready(Err(silent())),
            Poll::Pending => Pin::new(&mut this.stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

/// A timer that is moved only when it would ring too late.
#[derive(Debug, Default)]
struct Alarm {
    sleep: Option<Pin<Box<Sleep>>>,
    is_armed: bool,
}

impl Alarm {
    fn armed(&self) -> Option<Instant> {
        self.sleep
            .as_ref()
            .filter(|_| self.is_armed)
            .map(|sleep| sleep.deadline())
    }

    fn disarm(&mut self) {
        self.is_armed = false;
    }

    /// Is ready once `deadline` has passed.
    fn poll_at(&mut self, deadline: Instant, cx: &mut Context<'_>) -> Poll<()> {
        let was_armed = std::mem::replace(&mut self.is_armed, true);
        let sleep = self
            .sleep
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        if !was_armed || sleep.deadline() > deadline {
            sleep.as_mut().reset(deadline);
        }
        while sleep.as_mut().poll(cx).is_ready() {
            if Instant::now() >= deadline {
                return Poll::Ready(());
            }
            sleep.as_mut().reset(deadline);
        }
        Poll::Pending
    }
}
