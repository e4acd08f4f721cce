import Testing

/// The real program in real terminals, on real brokers, beside real clients.
///
/// One test after the other: what is asserted is also how soon something is on the screen, and terminals side by
/// side would take the processor from each other.
@Suite("rabbittop from end to end", .serialized, .timeLimit(.minutes(5)))
enum EndToEnd {}
