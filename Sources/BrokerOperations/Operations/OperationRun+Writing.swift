import Foundation
import TopCore

extension OperationRun {
    /// Writes a new file; an existing file is not changed.
    func write(_ request: WriteRequest) async -> OperationReport {
        let text: String
        switch request.content {
        case .text(let written): text = written
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
        let path = (request.path as NSString).expandingTildeInPath
        let url = URL(fileURLWithPath: path)
        // On a thread that may block on a disk.
        return await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: Self.write(text, to: url)) }
        }
    }

    static let noExperiments = OperationReport.failed("there is no lab here", advice: "Use the dashboard.")

    private static func write(_ text: String, to url: URL) -> OperationReport {
        do throws(WholeFile.Failure) {
            try WholeFile.write(text.utf8, to: url.path, isReplacing: false)
            return .finished("wrote \(url.path)")
        } catch {
            if error.isTaken { return .failed("\(url.path) is there already", advice: "Give it another name.") }
            return .failed(
                "\(url.path) cannot be written: \(error)",
                advice: "Check the path, its permissions and the free space on its disk.")
        }
    }
}
