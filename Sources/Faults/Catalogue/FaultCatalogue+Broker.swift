extension FaultCatalogue {
    static let broker: [FaultDescription] = []
}
