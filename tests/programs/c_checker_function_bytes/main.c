#include <stdio.h>
int main(void) { fputs("\xff\xc3\xa9\r\n", stdout); return 0; }
