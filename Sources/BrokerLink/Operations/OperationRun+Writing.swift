import Foundation
import Lab
import TopCore

extension OperationRun {
    /// Writes a new file; an existing file is not changed.
    func write(_ request: WriteRequest) async -> OperationReport {
        let text: String
        switch request.content {
        case .text(let written): text = written
        case .faultReport(let report): text = LabReport(report).html(at: report.ended)
        case .labReport(let experiment):
            guard let page = await context.lab.report(on: experiment) else {
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

    private static func write(_ text: String, to url: URL) -> OperationReport {
        do throws(WholeFile.Failure) {
            try WholeFile.write(text.utf8, to: url.path, isReplacing: false)
            return .finished("wrote \(url.path)")
        } catch {
            if error.isTaken { return .failed("\(url.path) is there already", advice: "Give it another name.") }
            return .failed(
                "\(url.path) cannot be written: \(error)",
                advice: "See the path, its permissions and the room on its disk.")
        }
    }
}

extension LabReport {
    fileprivate init(_ report: FaultReport) {
        var published = 0.0
        var consumed = 0.0
        var before: Date?
        let samples = report.samples.map { sample in
            // The page's charts draw the increase of counts; here the rates are known.
            let seconds = before.map { sample.at.timeIntervalSince($0) } ?? 0
            before = sample.at
            published += seconds * (sample.publishRate ?? 0)
            consumed += seconds * (sample.deliverRate ?? 0)
            var depths: [String: Int] = [:]
            depths["ready"] = sample.ready
            depths["unacked"] = sample.unacked
            return LabSample(
                at: sample.at.timeIntervalSince(report.begun), depths: depths, published: ValueFormat.whole(published),
                consumed: ValueFormat.whole(consumed))
        }
        self.init(
            title: report.title,
            runs: [
                Run(
                    title: "What happened", entries: report.entries, faults: report.faults, samples: samples,
                    begun: report.begun,
                    ended: report.ended)
            ])
    }
}
