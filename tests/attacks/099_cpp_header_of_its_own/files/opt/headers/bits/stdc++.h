#define POISONED
#include <stdio.h>
