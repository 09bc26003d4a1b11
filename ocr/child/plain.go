package child

// #cgo LDFLAGS: -lleptonica -ldl
// int stands_before(void);
import "C"

// plainLines reports whether Tesseract takes its lines unpacked (see plain.c).
// If a linker stops exporting the function, reading costs a tenth more and is
// otherwise the same.
func plainLines() bool { return C.stands_before() != 0 }
