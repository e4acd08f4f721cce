extension FaultCatalogue {
    static let node: [FaultDescription] = []
}
