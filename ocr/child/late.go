package child

// #cgo LDFLAGS: -Wl,--as-needed -lstdc++ -ldl
// const char *engine_open(void);
import "C"

import (
	"errors"
	"sync"
)

// openEngine loads Tesseract's library into this process; it must be called
// before anything of gosseract is (see late.c).
var openEngine = sync.OnceValue(func() error {
	if why := C.engine_open(); why != nil {
		return errors.New("load Tesseract: " + C.GoString(why))
	}
	return nil
})
