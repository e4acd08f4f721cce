public import Tracing

/// Which tracer hears of publishing and consuming, and carries its context in the messages' headers.
public enum TracingPolicy: Sendable {
    /// The instrument that `InstrumentationSystem` (or `withTracer`) has when the connection is made. Where none was
    /// bootstrapped by then, messages are neither traced nor changed.
    case bootstrapped
    /// None: headers stay as the application made them.
    case off
    /// This one, whatever is bootstrapped.
    case tracer(any Tracer)

    /// Who is to be told; nil for nobody, which costs nothing a message.
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
