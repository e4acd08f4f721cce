import BrokerMonitor
import Names
import TopCore

/// Makes the broker itself raise an error on one channel of any client, through rabbitmqctl.
struct ChannelCloser: Sendable {
    /// The error that the broker raises.
    enum Raised: String, Sendable {
        case preconditionFailed = "406 PRECONDITION_FAILED"
        case notFound = "404 NOT_FOUND"
    }

    enum Outcome: Sendable { case closed, missing, alive }

    /// rabbitmqctl printed an unexpected result.
    struct Unexpected: Error, CustomStringConvertible {
        var description: String
    }

    /// A queue that does not exist: its passive declare closes a channel with 404, and its name shows the cause in the
    /// logs.
    static let missingQueue: Name = "rabbittop-closed-this-channel-on-purpose"

    let rabbitmqctl: BrokerConfiguration.Rabbitmqctl

    func close(_ id: ChannelID, _ raised: Raised) async throws -> Outcome {
        let output = try await rabbitmqctl(["eval", Self.expression(closing: id, raised)])
        guard let outcome = Self.outcome(output) else {
            throw Unexpected(description: "it answered: \(output.prefix(200))")
        }
        return outcome
    }

    /// Names are passed as lists of bytes, so that nothing in them can be parsed as Erlang.
    static func expression(closing id: ChannelID, _ raised: Raised) -> String {
        let request =
            switch raised {
            case .preconditionFailed: "{'basic.ack', 987654321, false}"
            case .notFound: "{'queue.declare', 0, \(binary(missingQueue)), true, false, false, false, false, []}"
            }
        return """
            Name = \(binary(id.name)), \
            Rows = lists:append([L || N <- [node() | nodes()], L <- [rpc:call(N, ets, tab2list, [channel_created])], \
            is_list(L)]), \
            Ps = [element(1, R) || R <- Rows, is_tuple(R), tuple_size(R) >= 2, is_list(element(2, R)), \
            lists:member({name, Name}, element(2, R))], \
            Alive = fun(P) -> rpc:call(node(P), erlang, is_process_alive, [P]) =:= true end, \
            [rabbit_channel_common:do(P, \(request)) || P <- Ps], \
            Gone = fun W(0) -> false; W(K) -> case lists:any(Alive, Ps) of false -> true; \
            true -> timer:sleep(20), W(K - 1) end end, \
            case Ps of [] -> missing; _ -> case Gone(150) of true -> closed; false -> alive end end.
            """
    }

    static func outcome(_ output: String) -> Outcome? {
        switch output.split(whereSeparator: \.isWhitespace).last.map(String.init) {
        case "closed"?: .closed
        case "missing"?: .missing
        case "alive"?: .alive
        default: nil
        }
    }

    static func binary(_ name: Name) -> String {
        "<<" + name.bytes.map { String($0) }.joined(separator: ",") + ">>"
    }
}
