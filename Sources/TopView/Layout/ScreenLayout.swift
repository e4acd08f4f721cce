import Screen

/// The layout of the screen, determined by its size and the lines needed for running operations and faults in force.
struct ScreenLayout: Equatable {
    /// The form of the header.
    enum Header: Equatable {
        /// One line: name, freshness, ready and unacked.
        case line
        /// Two lines.
        case pair
        /// Three lines.
        case lines
        /// One line, and three more in columns.
        case grid

        var rows: Int {
            switch self {
            case .line: 1
            case .pair: 2
            case .lines: 3
            case .grid: 4
            }
        }
    }

    static let minimum = Size(width: 40, height: 10)

    let headerKind: Header
    /// Which time is shown, and what is wrong with recording; empty when there is nothing to say.
    let strip: Rect
    let header: Rect
    /// Faults in force; empty when there are none.
    let banner: Rect
    /// The tabs; empty when they do not fit: the view's title then names the view.
    let tabs: Rect
    let body: Rect
    let activities: Rect
    /// Notices and the ages of the sources; empty when the footer shows them.
    let status: Rect
    let footer: Rect

    init(size: Size, activities count: Int, banner bannerRows: Int = 0, strip stripRows: Int = 0) {
        let isLow = size.height < 14
        if isLow || size.width < 60 {
            headerKind = size.height < 20 ? .line : .pair
        } else if size.height >= 28, size.width >= 110 {
            headerKind = .grid
        } else {
            headerKind = size.height >= 20 ? .lines : .pair
        }
        let (strip, belowStrip) = Rect(size).splitTop(stripRows)
        self.strip = strip
        let parts = belowStrip.splitTop(headerKind.rows)
        header = parts.top
        let (banner, belowBanner) = parts.rest.splitTop(bannerRows)
        self.banner = banner
        let (tabs, rest) = belowBanner.splitTop(isLow ? 0 : 1)
        self.tabs = tabs
        let (aboveFooter, footer) = rest.splitBottom(1)
        self.footer = footer
        let (aboveStatus, status) = aboveFooter.splitBottom(isLow ? 0 : 1)
        self.status = status
        // The rows of the view have precedence over running operations.
        let most = isLow ? 1 : min(3, max(1, aboveStatus.height - 6))
        let (body, activities) = aboveStatus.splitBottom(min(count, most))
        self.body = body
        self.activities = activities
    }
}
