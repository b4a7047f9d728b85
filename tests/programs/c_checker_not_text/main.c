#include <stdio.h>
int main(void) { fputs("\xff\n", stdout); return 0; }
