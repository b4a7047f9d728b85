#include <stdio.h>
#include <stdlib.h>
int main(void) { printf("500\n"); fflush(stdout); getchar(); abort(); }
