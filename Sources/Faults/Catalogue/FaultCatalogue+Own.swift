extension FaultCatalogue {
    static let own: [FaultDescription] = []
}
