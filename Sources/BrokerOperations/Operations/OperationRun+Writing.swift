import Foundation
import TopCore

extension OperationRun {
    /// Writes a new file; an existing file is not changed.
    func write(_ request: WriteRequest) async -> OperationReport {
        var isPrivate = false
        let text: String
        switch request.content {
        case .text(let written): text = written
        case .messages(let messages, let queue):
            // Messages may be secret.
            isPrivate = true
            do {
                text = try messages.map { try $0.saved(from: queue).line() + "\n" }.joined()
            } catch {
                return .failed("the message cannot be written as JSON: \(error)", advice: "Write its body.")
            }
        case .body(let bytes): return await write(bytes, to: request.path, isPrivate: true)
        case .faultReport(let report):
            guard let experiments = context.experiments else { return Self.noExperiments }
            text = experiments.page(on: report)
        case .labReport(let experiment):
            guard let experiments = context.experiments else { return Self.noExperiments }
            guard let page = await experiments.report(on: experiment) else {
                return .failed("no run of \(experiment) has ended here", advice: "Run it first, with R.")
            }
            text = page
        }
        return await write(Array(text.utf8), to: request.path, isPrivate: isPrivate)
    }

    /// - Parameter isPrivate: whether only the user may read the file.
    private func write(_ bytes: [UInt8], to path: String, isPrivate: Bool) async -> OperationReport {
        let url = URL(fileURLWithPath: (path as NSString).expandingTildeInPath)
        // On a thread that may block on a disk.
        return await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(returning: Self.write(bytes, to: url, isPrivate: isPrivate))
            }
        }
    }

    static let noExperiments = OperationReport.failed("there is no lab here", advice: "Use the dashboard.")

    private static func write(_ bytes: [UInt8], to url: URL, isPrivate: Bool) -> OperationReport {
        do throws(WholeFile.Failure) {
            try WholeFile.write(bytes, to: url.path, isReplacing: false, mode: isPrivate ? 0o600 : nil)
            return .finished("wrote \(url.path)")
        } catch {
            if error.isTaken { return .failed("\(url.path) is there already", advice: "Give it another name.") }
            return .failed(
                "\(url.path) cannot be written: \(error)",
                advice: "Check the path, its permissions and the free space on its disk.")
        }
    }
}
