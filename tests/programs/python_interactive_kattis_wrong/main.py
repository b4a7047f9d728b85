print('five')
