package dossier

// A Capture is what a quick look at a page saw while its paper was still there (TT
// 01/2023/TT-VPCP Điều 8.2; TT 05/2025/TT-BNV Điều 8): codes of package
// ocr/quality, and CaptureTwice.
type Capture struct {
	DPI  float64  `json:"dpi"`            // true, as far as the page tells
	Skew float64  `json:"skew,omitempty"` // degrees
	Turn int      `json:"turn,omitempty"` // clockwise quarter turns to upright, besides the file's own
	Why  []string `json:"why,omitempty"`
	Sum  string   `json:"sum,omitempty"` // SHA-256 of the stored picture; empty of a page that is none
	Seen bool     `json:"seen"`          // somebody looked: without it, nothing is said
}

// CaptureTwice says that the same picture, byte for byte, is there already.
const CaptureTwice = "twice"
