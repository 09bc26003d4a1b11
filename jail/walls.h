// What stands around a child besides its caps. See walls.go.

// The bits of what could be put up.
#define WALL_NOPRIVS 1  // no new privileges
#define WALL_CALLS 2    // the filter of system calls
#define WALL_FILES 4    // Landlock: only what the child needs can be opened
#define WALL_SIGNALS 8  // Landlock: signals to its own kind only
#define WALL_CAPS 16    // capabilities of root laid down
#define WALL_INSIDE 32  // this process is a child

extern int sohoa_walls;
