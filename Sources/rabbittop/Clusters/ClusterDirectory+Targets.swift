import BrokerMonitor
import BrokerOperations
import Names

/// The clusters as targets of messages.
extension ClusterDirectory: TargetClusters {
    func broker(of cluster: Name) throws(TargetClusterError) -> BrokerConfiguration {
        guard names.contains(cluster) else { throw TargetClusterError("the configuration has no such cluster") }
        do {
            let (settings, password) = try self.settings(of: cluster)
            return BrokerConfiguration(settings, password: password)
        } catch {
            throw TargetClusterError("\(error)")
        }
    }
}
