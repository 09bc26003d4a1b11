package child

// #include <stdlib.h>
// void *engine_function(const char *name);
// static void fill(void *function, void *table, void *letters, void *all) {
//	((void (*)(void *, void *, void *))function)(table, letters, all);
// }
import "C"

import "unsafe"

// At its start Tesseract fills a table of letters that its old engine, the one before
// neural networks, confuses (UnicharAmbigs::LoadUniversal in its src/ccutil/ambigs.cpp);
// that is nearly half of the start. The new engine never looks at it. What a program
// exports comes before what its libraries do (see plain.c), so the function below stands
// before Tesseract's; for data that have the old engine, that one is called. It is
// written in Go since Go's linker exports what it is told to export, and nothing of C.

// ambiguities is whether the table is wanted by the engine that is started now, and how
// many starts were spared it; a process starts one engine at a time.
var ambiguities struct {
	wanted bool
	spared int
}

//export _ZN9tesseract13UnicharAmbigs13LoadUniversalERKNS_10UNICHARSETEPS1_
func _ZN9tesseract13UnicharAmbigs13LoadUniversalERKNS_10UNICHARSETEPS1_(table, letters, all unsafe.Pointer) {
	if !ambiguities.wanted {
		ambiguities.spared++
		return
	}
	name := C.CString("_ZN9tesseract13UnicharAmbigs13LoadUniversalERKNS_10UNICHARSETEPS1_")
	defer C.free(unsafe.Pointer(name))
	if function := C.engine_function(name); function != nil {
		C.fill(function, table, letters, all)
	}
}
