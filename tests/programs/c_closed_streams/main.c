#include <stdio.h>
#include <unistd.h>

int main(void)
{
    write(1, "42\n", 3);
    close(0);
    close(1);
    close(2);
    printf("lost");
    return 0;
}
