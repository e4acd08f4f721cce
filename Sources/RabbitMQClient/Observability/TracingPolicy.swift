public import Tracing

/// Which tracer records publishing and consuming, and propagates its context in the messages' headers.
public enum TracingPolicy: Sendable {
    /// The instrument of `InstrumentationSystem` (or `withTracer`) when the connection is created. If none was
    /// bootstrapped by then, messages are neither traced nor changed.
    case bootstrapped
    /// No tracer: headers are not changed.
    case off
    /// This tracer, independent of the bootstrapped one.
    case tracer(any Tracer)

    /// The instrument to use; nil for none, which has no cost per message.
    var instrument: (any Instrument)? {
        switch self {
        case .off: return nil
        case .tracer(let tracer): return tracer
        case .bootstrapped:
            let instrument = InstrumentationSystem.instrument
            return instrument is NoOpInstrument || instrument is NoOpTracer ? nil : instrument
        }
    }
}
